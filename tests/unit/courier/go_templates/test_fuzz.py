"""Whatever is given to the engine, it answers or refuses; and no data becomes markup."""

import contextlib
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_server.courier.go_templates.errors import TemplateError
from identity_server.courier.go_templates.template import Template

PIECES = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    "\n",
    "if",
    "else",
    "end",
    "range",
    "with",
    "define",
    "template",
    "block",
    "break",
    ".",
    ".X",
    "$",
    "$x",
    ":=",
    "=",
    ",",
    "|",
    "(",
    ")",
    '"a"',
    "`b`",
    "'c'",
    "1",
    "-2.5",
    "0x",
    "nil",
    "true",
    "upper",
    "printf",
    "index",
    "list",
    "dict",
    "/*",
    "*/",
    "<p title='",
    "'>",
    "<a href=",
    "<script>",
    "<!--",
    "-->",
    "text",
]
HTML = [
    "<p>",
    "</p>",
    "{{ $.X }}",
    "<p title='{{ $.X }}'>",
    '<a href="{{ $.X }}">',
    "<b id={{ $.X }}>",
    "<!-- {{ $.X }} -->",
    " a ",
    "{{ if $.X }}",
    "{{ else }}",
    "{{ end }}",
    "<style>p{color:{{ $.X }}}</style>",
    "<title>{{ $.X }}</title>",
    "<br/>",
    '<a href="/?a={{ $.X }}#{{ $.X }}">',
    "{{ range $.L }}",
    "<",
    ">",
    "'",
    '"',
    "{{ $.X | html }}",
    "{{ urlquery $.X }}",
]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))


def tags(template: Template, value: str) -> list[tuple[str, list[str]]]:
    seen = Seen()
    seen.feed(template.render({"X": value, "L": [value, value]}))
    return seen.tags


@QUICK
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.booleans())
def test_any_source_is_compiled_or_refused(source: str, html: bool) -> None:
    with contextlib.suppress(TemplateError):
        Template("mail", source, html=html).render({"X": ["x"]})


@QUICK
@given(
    st.lists(st.sampled_from(HTML), max_size=12).map("".join),
    st.text(alphabet="<>\"'`=&/ \t\n!-ax:;(){}\\\0é", max_size=20),
)
def test_t29_data_never_changes_the_markup(source: str, value: str) -> None:
    try:
        template = Template("mail", source, html=True)
    except TemplateError:
        return
    assert tags(template, value or "x") == tags(template, "x")
