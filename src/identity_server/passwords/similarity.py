"""Whether a password is too much like an identifier."""

#: Longer texts are not compared; nobody's name is that long, and the comparison grows with both.
_LONGEST = 256
_LEAST_DISTANCE = 5


def is_similar(password: str, identifier: str) -> bool:
    """Fewer than five changes make one of the other, or more than half of the password stands in the identifier.

    Case does not count.
    """
    if max(len(password), len(identifier)) > _LONGEST or not password:
        return False
    one, other = password.lower(), identifier.lower()
    return _shares_half(one, other) or _is_within(one, other, _LEAST_DISTANCE - 1)


def _shares_half(password: str, identifier: str) -> bool:
    """Any run longer than half of the password contains one that is just longer."""
    size = len(password) // 2 + 1
    return any(password[start : start + size] in identifier for start in range(len(password) - size + 1))


def _is_within(one: str, other: str, most: int) -> bool:
    """Whether the Levenshtein distance is at most ``most``.

    Only a band of the table around its diagonal is filled: what lies outside costs more than ``most`` anyway.
    """
    if abs(len(one) - len(other)) > most:
        return False
    far = most + 1
    row = {column: column for column in range(min(len(other), most) + 1)}
    for line, letter in enumerate(one, 1):
        above, row = row, {}
        for column in range(max(0, line - most), min(len(other), line + most) + 1):
            skip = min(above.get(column, far), row.get(column - 1, far)) + 1
            change = above.get(column - 1, far) + (column == 0 or other[column - 1] != letter)
            row[column] = min(skip, change, far)
    return row.get(len(other), far) <= most
