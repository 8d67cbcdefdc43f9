"""Turns a template type and its data into the texts of a message."""

from collections.abc import Mapping
from typing import Any

import structlog

from identity_server.courier.builtin_texts import BUILT_IN, Part
from identity_server.courier.go_templates.errors import TemplateError
from identity_server.courier.go_templates.template import Template
from identity_server.courier.message import SMS, MessageType
from identity_server.courier.template_types import TYPES, go_data

_log = structlog.get_logger("courier")
Key = tuple[str, Part]


def compiled(type_name: str, part: Part, source: str, name: str) -> Template:
    """A template for one part of a type.

    Raises:
        TemplateSyntaxError: with ``name``, line and column.
    """
    kind: MessageType = SMS if part == "sms" else "email"
    return Template(name, source, html=part == "html", fields=TYPES[type_name].fields(kind))


class Renderer:
    """Renders the operator's templates, and the built-in ones where there are none.

    Args:
        overrides: compiled templates of the operator, by type and part; ``template_sources`` reads them.
    """

    def __init__(self, overrides: Mapping[Key, Template] | None = None) -> None:
        self._overrides = dict(overrides or {})
        self._built_in: dict[Key, Template] = {}

    def text(self, type_name: str, part: Part, data: Mapping[str, Any]) -> str:
        """One part of a message.

        An operator's template that stops over some data must not keep a person from their account: the built-in text
        is used then, and the log says where the template stopped.
        """
        override = self._overrides.get((type_name, part))
        if override:
            try:
                return override.render(go_data(data))
            except TemplateError as error:
                where = f"{error.name}:{error.line}:{error.column}"
                _log.error("template failed", template_type=type_name, part=part, where=where)
        return self._own(type_name, part).render(go_data(data))

    def _own(self, type_name: str, part: Part) -> Template:
        key = (type_name, part)
        if key not in self._built_in:
            source = BUILT_IN[type_name].part(part)
            self._built_in[key] = compiled(type_name, part, source, f"built-in {type_name} {part}")
        return self._built_in[key]
