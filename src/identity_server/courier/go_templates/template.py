"""Compiles a template and renders it: the one entrance to the engine."""

from collections.abc import Collection, Mapping
from typing import Any

from identity_server.courier.go_templates.checks import check_fields
from identity_server.courier.go_templates.escapers import ESCAPERS
from identity_server.courier.go_templates.formatting import NO_VALUE
from identity_server.courier.go_templates.function_table import FUNCTIONS
from identity_server.courier.go_templates.html_escaping import escaped
from identity_server.courier.go_templates.interpreter import Rendering
from identity_server.courier.go_templates.lexer import Source
from identity_server.courier.go_templates.parser import parse


class Template:
    """A compiled template.

    Args:
        name: what errors call it, such as the file it came from.
        source: the text.
        html: whether data is escaped by its place in an HTML document, as Go's ``html/template`` does.
        fields: the names that the data has; None leaves them unchecked.

    Raises:
        TemplateSyntaxError: with line and column of what is wrong or not supported.
    """

    __slots__ = ("_html", "_program", "name")

    def __init__(self, name: str, source: str, *, html: bool = False, fields: Collection[str] | None = None) -> None:
        program = parse(Source(name, source.replace("\r\n", "\n").removeprefix("\ufeff")), FUNCTIONS)
        if fields is not None:
            check_fields(program, fields)
        self.name = name
        self._html = html
        self._program = escaped(program) if html else program

    def render(self, data: Mapping[str, Any]) -> str:
        """The text for some data.

        Raises:
            TemplateRenderError: when a value does not fit or a limit is reached.
        """
        missing = "" if self._html else NO_VALUE
        return Rendering(self._program, FUNCTIONS, ESCAPERS, missing).run(data)
