"""How much of an address is shown."""

import pytest

from identity_server.methods.code_method.recovery_choice import masked


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rosa@mail.test", "ro****@mail.test"),
        ("q.spare@other.test", "q.****@other.test"),
        ("a@b.c", "a****@b.c"),
        ("@b.c", "****@b.c"),
        ('"a@b"@c.d', '"a****@c.d'),
        ("+4915112345678", "+49****78"),
        ("", "****"),
    ],
)
def test_an_address_is_shown_in_parts(address: str, shown: str) -> None:
    assert masked(address) == shown
