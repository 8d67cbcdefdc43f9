"""What the path and the query of a request say, checked."""

import re

from starlette.requests import Request

from identity_server.errors import ApiError, bad_request

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_FLAGS = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}


def uuid_or_none(text: str) -> str | None:
    """A UUID in lower case; None when the text is none."""
    return text.lower() if _UUID.fullmatch(text) else None


def path_id(request: Request, *, otherwise: int) -> str:
    """The id in the path.

    Raises:
        ApiError: of the status ``otherwise`` when it is no UUID.
    """
    found = uuid_or_none(request.path_params["id"])
    if found is None:
        raise ApiError(otherwise, "The id in the path must be a UUID of 36 characters." if otherwise == 400 else "")
    return found


def flag(request: Request, name: str) -> bool | None:
    """A truth value of the query; None when it is not there.

    Raises:
        ApiError: 400 for anything else.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    value = _FLAGS.get(text.lower())
    if value is None:
        raise bad_request(f"The query parameter '{name}' must be true or false.")
    return value


def storable(text: str) -> bool:
    """Whether any database can hold a text: PostgreSQL refuses NUL. Nothing is named by what cannot be stored."""
    return "\0" not in text
