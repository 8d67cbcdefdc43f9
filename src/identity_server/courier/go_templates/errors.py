"""What can be wrong with a template, and where."""


class TemplateError(Exception):
    """A template that cannot be compiled or rendered.

    Attributes:
        name: the template's name or address.
        line: from 1.
        column: from 1, in characters.
        reason: what is wrong and what is allowed; never a value of the data.
    """

    def __init__(self, name: str, line: int, column: int, reason: str) -> None:
        super().__init__(f"{name}:{line}:{column}: {reason}")
        self.name = name
        self.line = line
        self.column = column
        self.reason = reason


class TemplateSyntaxError(TemplateError):
    """The template is refused when it is compiled."""


class TemplateRenderError(TemplateError):
    """The template stopped while it was rendered."""


class FunctionError(Exception):
    """A function cannot work with what it was given; the interpreter adds the position."""
