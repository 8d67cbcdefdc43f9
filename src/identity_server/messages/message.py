"""A message, and how one is made from the table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast

from .texts import TABLE, Entry, Kind

_PLACE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told.

    Attributes:
        id: its number (``ids``).
        text: in English.
        type: info, success or error.
        context: values that the text speaks of, for pages that have their own texts.
    """

    id: int
    text: str
    type: Kind
    context: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """As the API shows it: without a context when there is none."""
        shown: dict[str, Any] = {"id": self.id, "text": self.text, "type": self.type}
        if self.context is not None:
            shown["context"] = self.context
        return shown

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Message":
        """A message as it was stored or as a web hook sent it; a missing type is an error."""
        kind = value.get("type", "error")
        return cls(
            id=int(value["id"]),
            text=str(value.get("text", "")),
            type=kind if kind in ("info", "success", "error") else "error",
            context=value.get("context"),
        )


@lru_cache(maxsize=256)
def plain(message_id: int) -> Message:
    """A message without a context."""
    entry = TABLE[message_id]
    return Message(message_id, entry.text, entry.kind)


def compose(message_id: int, **context: Any) -> Message:
    """A message about some values, whose names are those of the table."""
    entry = TABLE[message_id]
    return Message(message_id, render(entry.text, context), entry.kind, context)


def translate(message: Message, table: Mapping[int, Entry]) -> Message:
    """The message in the words of another table; as it is when that table lacks it or names what it does not carry."""
    entry = table.get(message.id)
    context = message.context or {}
    if entry is None or not context.keys() >= set(_PLACE.findall(entry.text)):
        return message
    return Message(message.id, render(entry.text, context), message.type, message.context)


def render(text: str, context: Mapping[str, Any]) -> str:
    """The text with the context's values in their places. Values are never read as texts themselves."""
    return _PLACE.sub(lambda place: _words(context.get(place[1], place[0])), text)


def _words(value: Any) -> str:
    match value:
        case list():
            return ", ".join(_words(each) for each in cast(list[Any], value))
        case dict():
            return str(cast(dict[str, Any], value).get("text", ""))
        case _:
            return str(value)


def moment(name: str, at: datetime) -> dict[str, Any]:
    """A time as contexts have it: RFC 3339 under the name, seconds since 1970 under ``<name>_unix``."""
    return {name: rfc3339(at), f"{name}_unix": int(at.timestamp())}


def rfc3339(at: datetime) -> str:
    """A time in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
