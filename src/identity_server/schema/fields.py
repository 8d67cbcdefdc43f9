"""Form fields out of a schema."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from .violation import dotted
from .walk import ITEM, Schema, Visit

FieldType = Literal["text", "email", "tel", "url", "date", "datetime-local", "number", "checkbox"]

_BY_FORMAT: Final[dict[str, FieldType]] = {
    "date": "date",
    "date-time": "datetime-local",
    "email": "email",
    "tel": "tel",
    "uri": "url",
}
_BY_TYPE: Final[dict[str, FieldType]] = {"boolean": "checkbox", "integer": "number", "number": "number"}
_AUTOCOMPLETE: Final = {"email": "email", "tel": "tel", "url": "url"}


@dataclass(frozen=True, slots=True)
class TraitField:
    """One field of a form.

    Attributes:
        name: dotted, as the node is called: ``traits.name.first``.
        type: the input's type: text, email, tel, url, date, datetime-local, number, checkbox.
        title: its label, from the schema; empty when it has none.
        required: whether the object around it demands it.
        pattern: what the browser may check; empty for none.
        autocomplete: the browser's hint; empty for none.
        disabled: shown, not to be edited (``disableFormField``).
    """

    name: str
    type: FieldType
    title: str = ""
    required: bool = False
    pattern: str = ""
    autocomplete: str = ""
    disabled: bool = False


def fields(places: Iterable[Visit]) -> tuple[TraitField, ...]:
    """A field for each trait that is no object, in the order of the schema."""
    found: dict[tuple[str | None, ...], list[Visit]] = {}
    for visit in places:
        if len(visit.path) > 1 and ITEM not in visit.path:
            found.setdefault(visit.path, []).append(visit)
    return tuple(_field(each) for each in found.values() if not _is_object(each))


def _is_object(places: Sequence[Visit]) -> bool:
    items = _first(places, "items")
    return any(_holds_members(each.schema) for each in places) or (isinstance(items, dict) and _holds_members(items))


def _holds_members(schema: Schema) -> bool:
    return "properties" in schema or _type(schema.get("type")) == "object"


def _field(places: Sequence[Visit]) -> TraitField:
    kind: FieldType = _BY_FORMAT.get(str(_first(places, "format"))) or _BY_TYPE.get(
        _type(_first(places, "type")), "text"
    )
    return TraitField(
        name=dotted(str(part) for part in places[0].path),
        type=kind,
        title=str(_first(places, "title") or ""),
        required=any(each.required and not each.conditions for each in places),
        pattern=str(_first(places, "pattern") or ""),
        autocomplete=_AUTOCOMPLETE.get(kind, ""),
        disabled=_first(places, "disableFormField") is True,
    )


def _first(places: Sequence[Visit], keyword: str) -> Any:
    return next((each.schema[keyword] for each in places if keyword in each.schema), None)


def _type(named: Any) -> str:
    """The type of a field; of several, the first that is a value."""
    if isinstance(named, list):
        return next((str(each) for each in named if each != "null"), "")
    return str(named or "")
