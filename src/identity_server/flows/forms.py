"""Reads what was submitted: JSON, or a form whose dotted names stand for nested members."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from python_multipart import FormParser, exceptions, multipart

from identity_server.errors import bad_request
from identity_server.flows.caller import Caller

MOST_FIELDS = 1000
MOST_DEPTH = 200
JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_DOT = re.compile(r"(?<!\\)\.")


class UnreadableForm(Exception):
    """A body that cannot be read; the text says what is allowed."""


def read(caller: Caller) -> dict[str, Any]:
    """The submitted fields: JSON as it is, form fields as nested objects of text.

    Raises:
        UnreadableForm: when the media type is unknown or the body is not what it says.
    """
    if not caller.body:
        if caller.method == "GET":
            return nested((name, values[0]) for name, values in caller.query.items())
        raise UnreadableForm("The body is empty; send JSON or a form.")
    if caller.media_type == JSON:
        return _json(caller.body)
    if caller.media_type == URLENCODED:
        return nested(_urlencoded(caller.body))
    if caller.media_type == MULTIPART:
        return nested(_multipart(caller))
    allowed = ", ".join((JSON, URLENCODED, MULTIPART))
    raise UnreadableForm(f"The Content-Type {caller.media_type!r} is unknown; allowed are {allowed}.")


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except ValueError as error:
        raise UnreadableForm("The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise UnreadableForm("The body must be a JSON object.")
    if depth(value) > MOST_DEPTH:
        raise UnreadableForm(f"The body is nested more than {MOST_DEPTH} levels deep.")
    return value


def depth(value: Any) -> int:
    """How deep JSON is nested; bounded work, as reading it was."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return deepest


def _urlencoded(body: bytes) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError as error:
        raise UnreadableForm("The form is malformed, or has too many fields.") from error


def _multipart(caller: Caller) -> Iterable[tuple[str, str]]:
    fields: list[tuple[str, str]] = []

    def on_field(field: Any) -> None:
        if len(fields) >= MOST_FIELDS:
            raise UnreadableForm("The form has too many fields.")
        fields.append(((field.field_name or b"").decode(), (field.value or b"").decode()))

    _, options = multipart.parse_options_header(caller.header("content-type"))
    try:
        parser = FormParser(MULTIPART, on_field, lambda _: None, boundary=options.get(b"boundary"))
        parser.write(caller.body)
        parser.finalize()
    except (ValueError, exceptions.FormParserError) as error:
        raise UnreadableForm("The form is malformed.") from error
    return fields


def parts(name: str) -> list[str]:
    """The members that a dotted name leads through; a dot inside of one is written with a backslash."""
    return [part.replace("\\.", ".") for part in _DOT.split(name)]


def nested(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Dotted names as nested objects; a name given again becomes a list, numbers in names are list positions."""
    result: dict[str, Any] = {}
    for name, value in fields:
        place = result
        *parents, last = parts(name)[:MOST_DEPTH]
        for parent in parents:
            child = place.setdefault(parent, {})
            if not isinstance(child, dict):
                child = place[parent] = {}
            place = child
        if last in place and not isinstance(place[last], dict):
            known = place[last]
            place[last] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            place[last] = value
    return result


def payload_of(caller: Caller, form: dict[str, Any]) -> dict[str, Any]:
    """What a client passes on to web hooks and messages: an object, in a form as the text of one.

    Dotted names do not reach into it, as in Kratos.

    Raises:
        ApiError: 400 for anything else.
    """
    payload = form.get("transient_payload")
    if caller.media_type != JSON:
        payload = _object(payload) if isinstance(payload, str) and payload else None
    if payload is not None and not isinstance(payload, dict):
        raise bad_request("The field transient_payload must be an object.")
    return payload or {}


def _object(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def text_of(form: dict[str, Any], name: str) -> str:
    """A field's text; nothing when it is missing or no text."""
    value = form.get(name)
    if isinstance(value, list) and value:
        value = value[-1]
    return value if isinstance(value, str) else ""


def flag_of(form: dict[str, Any], name: str) -> bool:
    """Whether a field is true: JSON true, or ``true``, ``on``, ``1`` in a form."""
    value = form.get(name)
    return value is True or (isinstance(value, str) and value.lower() in ("true", "on", "1"))
