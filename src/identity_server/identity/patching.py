"""JSON patches (RFC 6902) on identities: the operations add, replace and remove, on what an operator may change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from identity_server.errors import ApiError, bad_request

#: A patch is worked off while others wait; more operations than this are no change by hand.
MOST_OPERATIONS = 1000
MOST_DEPTH = 100
OPERATIONS = ("add", "replace", "remove")

#: Members that a patch may change. All others are either derived from these or not an operator's to set.
OPEN = (
    "schema_id",
    "traits",
    "state",
    "external_id",
    "organization_id",
    "metadata_public",
    "metadata_admin",
    "verifiable_addresses",
    "recovery_addresses",
)
#: Lists of what stands in the traits; an entry that no trait stands behind is dropped, wherever a patch puts it.
DERIVED = ("verifiable_addresses", "recovery_addresses")
#: Members that must not be reached at all: whoever writes them would take over accounts or falsify records.
DENIED = ("id", "credentials", "created_at", "state_changed_at", "statechangedat", "schema_url")

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_END = "-"


@dataclass(frozen=True)
class Operation:
    """One step of a patch; ``path`` is unescaped."""

    name: str
    path: tuple[str, ...]
    value: Any = None


def read(patch: Any) -> list[Operation]:
    """The steps of a parsed patch.

    Raises:
        ApiError: 400 when it is no patch, or one that reaches what must not be changed.
    """
    if not isinstance(patch, list):
        raise _refused("a patch is a list of operations")
    if len(patch) > MOST_OPERATIONS:
        raise _refused(f"a patch has at most {MOST_OPERATIONS} operations")
    return [_operation(entry) for entry in patch]


def _operation(entry: Any) -> Operation:
    if not isinstance(entry, dict) or not isinstance(entry.get("op"), str):
        raise _refused("an operation is an object with the member 'op'")
    if entry["op"] not in OPERATIONS:
        raise _refused(f"the operation must be one of {', '.join(OPERATIONS)}")
    if entry["op"] != "remove" and "value" not in entry:
        raise _refused(f"the operation {entry['op']!r} needs the member 'value'")
    return Operation(entry["op"], _path(entry.get("path")), entry.get("value"))


def _path(text: Any) -> tuple[str, ...]:
    if not isinstance(text, str):
        raise _refused("an operation needs the member 'path'")
    if not text.startswith("/"):
        raise _refused("a path begins with a slash and the name of a member")
    first, *rest = (part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))
    # Names are read in any case, so they are denied in any case.
    name = first.lower()
    if name in DENIED:
        raise _refused(f"the path /{first[:64]} must not be changed")
    if len(rest) > MOST_DEPTH:
        raise _refused(f"a path has at most {MOST_DEPTH} parts")
    return (name if name in OPEN else first, *rest)


def apply(document: dict[str, Any], operations: Sequence[Operation]) -> None:
    """Changes a document in place.

    Raises:
        ApiError: 400 when a step finds nothing to work on.
    """
    for operation in operations:
        if operation.name == "remove":
            _remove(document, operation.path)
        elif not _comes_to_nothing(document, operation.path):
            _put(document, operation.path, operation.value, insert=operation.name == "add")


def _comes_to_nothing(document: dict[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a value would stand behind the end of a list of addresses, as no trait stands behind it."""
    entries = document.get(path[0])
    if path[0] not in DERIVED or not isinstance(entries, list) or len(path) < 2:
        return False
    return bool(_INDEX.fullmatch(path[1])) and int(path[1]) > len(entries)


def _remove(document: Any, path: tuple[str, ...]) -> None:
    for part in path[:-1]:
        document = _child(document, part, path)
    last = path[-1]
    if isinstance(document, list):
        del document[_index(last, len(document), path)]
    elif isinstance(document, dict) and last in document:
        del document[last]
    else:
        raise _nothing(path)


def _put(document: Any, path: tuple[str, ...], value: Any, *, insert: bool) -> None:
    for part, following in pairwise(path):
        document = _descend(document, part, following, path)
    last = path[-1]
    if isinstance(document, dict):
        document[last] = value
    elif not isinstance(document, list):
        raise _nothing(path)
    elif insert:
        at = len(document) if last == _END else _index(last, len(document) + 1, path)
        document.insert(at, value)
    else:
        document[_index(last, len(document), path)] = value


def _descend(document: Any, part: str, following: str, path: tuple[str, ...]) -> Any:
    """The child to go on with; a missing one is made."""
    if isinstance(document, dict) and document.get(part) is None:
        document[part] = [] if following in (_END, "0") else {}
    return _child(document, part, path)


def _child(document: Any, part: str, path: tuple[str, ...]) -> Any:
    if isinstance(document, dict) and part in document:
        return document[part]
    if isinstance(document, list):
        return document[_index(part, len(document), path)]
    raise _nothing(path)


def _index(text: str, size: int, path: tuple[str, ...]) -> int:
    if not _INDEX.fullmatch(text) or int(text) >= size:
        raise _nothing(path)
    return int(text)


def _nothing(path: tuple[str, ...]) -> ApiError:
    return _refused(f"there is nothing at the path /{'/'.join(path)[:200]}")


def _refused(why: str) -> ApiError:
    return bad_request(f"The patch cannot be applied: {why}.")
