"""The fields of an identity schema as nodes."""

from collections.abc import Iterable, Mapping
from typing import Any

from identity_server.messages.labels import trait
from identity_server.schema.fields import TraitField

from .nodes import UNSET, Group, Node, input_node


def trait_nodes(fields: Iterable[TraitField], values: Mapping[str, Any], group: Group) -> list[Node]:
    """A node for each field.

    Args:
        fields: of the schema, in its order.
        values: by dotted name (``container.flatten``); fields without a value have none.
        group: ``default`` at sign-up, ``profile`` in the settings.
    """
    return [trait_node(field, group, values.get(field.name, UNSET)) for field in fields]


def trait_node(field: TraitField, group: Group, value: Any = UNSET) -> Node:
    """One field; one without a title has no label."""
    return input_node(
        field.name,
        field.type,
        group,
        value=value,
        label=trait(field.name, field.title) if field.title else None,
        required=field.required,
        disabled=field.disabled,
        autocomplete=field.autocomplete,
        pattern=field.pattern,
    )
