"""A way through an expanded schema, along the traits it describes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

Path = tuple[str | None, ...]
Schema = dict[str, Any]

#: In a path: every item of an array.
ITEM: Final = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One subschema and where it applies.

    Attributes:
        path: names from the document's root on; ITEM stands for each item of an array.
        required: whether the object around it demands it.
        conditions: (path, schema) pairs that the data must fulfil for the subschema to count: the branches of
            ``anyOf``, ``oneOf``, ``then`` and ``else`` it stands in.
    """

    path: Path
    schema: Schema
    required: bool
    conditions: tuple[tuple[Path, Schema], ...] = ()


def visits(schema: Schema) -> Iterator[Visit]:
    """All subschemas of the traits, in the order they were written."""
    for visit in _inside(Visit((), schema, required=False)):
        if visit.path[:1] == ("traits",):
            yield visit


def _inside(here: Visit) -> Iterator[Visit]:
    yield here
    yield from _members(here)
    yield from _items(here)
    for each in here.schema.get("allOf", ()):
        yield from _same_place(here, each, conditional=False)
    for keyword in ("anyOf", "oneOf"):
        for each in here.schema.get(keyword, ()):
            yield from _same_place(here, each, conditional=True)
    yield from _branches(here)


def _members(here: Visit) -> Iterator[Visit]:
    required = here.schema.get("required", ())
    for name, each in here.schema.get("properties", {}).items():
        if isinstance(each, dict):
            demanded = isinstance(required, list) and name in required
            yield from _inside(Visit((*here.path, name), each, demanded, here.conditions))


def _items(here: Visit) -> Iterator[Visit]:
    items = here.schema.get("items")
    for each in items if isinstance(items, list) else [items]:
        if isinstance(each, dict):
            yield from _inside(Visit((*here.path, ITEM), each, required=False, conditions=here.conditions))


def _same_place(here: Visit, schema: Any, *, conditional: bool) -> Iterator[Visit]:
    if isinstance(schema, dict):
        added = ((here.path, schema),) if conditional else ()
        yield from _inside(Visit(here.path, schema, here.required, here.conditions + added))


def _branches(here: Visit) -> Iterator[Visit]:
    condition = here.schema.get("if")
    if condition is None:
        return
    for keyword, premise in (("then", condition), ("else", {"not": condition})):
        each = here.schema.get(keyword)
        if isinstance(each, dict):
            yield from _inside(Visit(here.path, each, here.required, (*here.conditions, (here.path, premise))))
