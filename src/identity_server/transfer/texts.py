"""Traits whose values are all text, as tables have them, in the types that a schema wants."""

from collections.abc import Iterable
from typing import Any

from identity_server.errors import bad_request
from identity_server.schema.identity_schema import IdentitySchema


def nested(cells: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """``{"name": {"first": …}}`` out of ``name.first``.

    Raises:
        ApiError: 400 when a path leads through a text.
    """
    result: dict[str, Any] = {}
    for path, text in cells:
        *parents, name = path.split(".")
        here = result
        for part in parents:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise bad_request(f"The column {path} lies inside another column.")
        if name in here:
            raise bad_request(f"The column {path} collides with another column.")
        here[name] = text
    return result


def typed(schema: IdentitySchema, traits: Any) -> Any:
    """The traits as numbers, booleans and lists where the schema has such; what it does not know stays text."""
    return _over(traits, schema.from_form(traits)) if isinstance(traits, dict) else traits


def _over(texts: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, text in texts.items():
        value = values.get(name, text)
        result[name] = _over(text, value) if isinstance(text, dict) and isinstance(value, dict) else value
    return result
