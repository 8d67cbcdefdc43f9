"""The HTML mode: data is harmless wherever it stands, or the template is refused."""

from html.parser import HTMLParser

import pytest

from identity_server.courier.go_templates.errors import TemplateSyntaxError
from identity_server.courier.go_templates.template import Template

EVIL = "\"><script>alert('1')</script>"


def render(source: str, value: object = EVIL, **more: object) -> str:
    return Template("mail", source, html=True).render({"X": value, "Yes": True, "No": False, **more})


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("<p>{{ .X }}</p>", "<Hugo> & Co", "<p>&lt;Hugo&gt; &amp; Co</p>"),
        ("{{ .X }}", "\"'\0", "&#34;&#39;\ufffd"),
        ("{{ .X }}{{ .Missing }}", None, ""),
        ('{{ "<b>" }}', "", "&lt;b&gt;"),
        ("<title>{{ .X }}</title>", "</title><b>", "<title>&lt;/title&gt;&lt;b&gt;</title>"),
        ('<p title="{{ .X }}">', '" onclick="x', '<p title="&#34; onclick=&#34;x">'),
        ("<p title='{{ .X }}'>", "' a='", "<p title='&#39; a=&#39;'>"),
        ("<p title={{ .X }}>", "a b=c>`", "<p title=a&#32;b&#61;c&gt;&#96;>"),
        ("<p title={{ .X }}>", "", '<p title="">'),
        ("<p title = {{ .X }} id=a>", "x", "<p title = x id=a>"),
        # addresses
        ('<a href="{{ .X }}">', "https://x.test/a?b=c&d=e#f", '<a href="https://x.test/a?b=c&amp;d=e#f">'),
        ('<a href="{{ .X }}">', "javascript:alert(1)", '<a href="#ZgotmplZ">'),
        ('<a href="{{ .X }}">', " JavaScript\t:x", '<a href="#ZgotmplZ">'),
        ('<a href="{{ .X }}">', "data:text/html,x", '<a href="#ZgotmplZ">'),
        ('<a href="{{ .X }}">', "mailto:a@b.test", '<a href="mailto:a@b.test">'),
        ('<a href="{{ .X }}">', "/a:b", '<a href="/a:b">'),
        ('<a href="{{ .X }}">', "/a b\"'<ä%2F%zz", '<a href="/a%20b%22%27%3c%c3%a4%2F%25zz">'),
        ('<a href="https://x.test/{{ .X }}">', "a/b?c", '<a href="https://x.test/a/b?c">'),
        ('<a href="https://x.test/?q={{ .X }}">', "a&b=c d", '<a href="https://x.test/?q=a%26b%3dc%20d">'),
        ('<a href="https://x.test/#{{ .X }}">', "a/b", '<a href="https://x.test/#a%2fb">'),
        ("<img src={{ .X }}>", "https://x.test/a b", "<img src=https://x.test/a%20b>"),
        ('<img data-src="{{ .X }}">', "javascript:x", '<img data-src="#ZgotmplZ">'),
        ('<a HREF="{{ .X }}">', "vbscript:x", '<a HREF="#ZgotmplZ">'),
        ('<a href="{{ .X }}{{ .X }}">', "java", '<a href="javajava">'),
        # styles
        ('<p style="color: {{ .X }}">', "#a1b2c3", '<p style="color: #a1b2c3">'),
        ('<p style="color: {{ .X }}">', "red; background: url(x)", '<p style="color: ZgotmplZ">'),
        ('<p style="width: {{ .X }}">', "expression(1)", '<p style="width: ZgotmplZ">'),
        ("<style>p { color: {{ .X }} }</style>", "</style><b>", "<style>p { color: ZgotmplZ }</style>"),
        # what is not data stays
        (
            "<script>if (a < b) {}</script><p onclick='x()'>{{ .X }}",
            "&",
            "<script>if (a < b) {}</script><p onclick='x()'>&amp;",
        ),
        ("<!DOCTYPE html><br/><p class=a>{{ .X }}</p>", "&", "<!DOCTYPE html><br/><p class=a>&amp;</p>"),
        ("a<!-- {{ .X }} <p title='-->b", "x", "ab"),
        ("1 < 2 {{ .X }}", "x", "1 &lt; 2 x"),
        ("<{{ .X }}", "script", "&lt;script"),
        ("<!{{ .X }}", "-- x", "&lt;!-- x"),
        # escaped by the template itself
        ("<p>{{ .X | html }}</p>", "<", "<p>&lt;</p>"),
        ('<a href="/?q={{ .X | urlquery }}">', "a b", '<a href="/?q=a&#43;b">'),
        ('<p title="{{ .X | urlquery }}">', "a b", '<p title="a&#43;b">'),
    ],
)
def test_data_is_escaped_by_its_place(source: str, value: object, text: str) -> None:
    assert render(source, value) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p{{ if .Yes }} class='a'{{ end }}>x</p>", "<p class='a'>x</p>"),
        ("<input {{ if .Yes }}checked{{ end }} {{ if .No }}disabled{{ end }}>", "<input checked >"),
        ("<p title='{{ if .Yes }}{{ .X }}{{ else }}b{{ end }}'>", "<p title='&lt;'>"),
        ("<ul>{{ range .L }}<li>{{ . }}</li>{{ end }}</ul>", "<ul><li>&lt;</li><li>&amp;</li></ul>"),
        ("<a href='/{{ range .L }}{{ . }}/{{ end }}'>", "<a href='/%3c/&amp;/'>"),
        ("{{ range .L }}{{ if eq . `<` }}{{ continue }}{{ end }}{{ . }}{{ break }}{{ end }}", "&amp;"),
        ("{{ with .X }}<b>{{ . }}</b>{{ end }}", "<b>&lt;</b>"),
        ("{{ $y := .X }}<p title='{{ $y }}'>{{ $y }}", "<p title='&lt;'>&lt;"),
        (
            "{{ define `v` }}{{ . }}{{ end }}<a href='/?a={{ template `v` .U }}' title='{{ template `v` .U }}'>"
            "{{ template `v` .U }}",
            "<a href='/?a=a%26b' title='a&amp;b'>a&amp;b",
        ),
        (
            "{{ define `t` }}{{ if .N }}<i>{{ .V }}{{ template `t` .N }}</i>{{ end }}{{ end }}{{ template `t` .T }}",
            "<i>&lt;<i>&gt;</i></i>",
        ),
    ],
)
def test_control_keeps_the_place(source: str, text: str) -> None:
    tree = {"V": "<", "N": {"V": ">", "N": {"V": "", "N": None}}}
    shown = render(source, "<", L=["<", "&"], U="a&b", T=tree)
    assert shown == text


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("<script>var a = {{ .X }}</script>", "script"),
        ('<script type="application/ld+json">{"a": "{{ .X }}"}</script>', "script"),
        ("<p onclick='{{ .X }}'>", "onclick"),
        ("<p data-onurl='{{ .X }}'>", "onurl"),
        ("<img srcset='{{ .X }}'>", "srcset"),
        ("<iframe srcdoc='{{ .X }}'>", "srcdoc"),
        ("<meta http-equiv=refresh content='0; {{ .X }}'>", "content"),
        ("<p {{ .X }}>", "name of an element or an attribute"),
        ("<p a{{ .X }}='b'>", "name of an element or an attribute"),
        ("<p {{ .X }}='b'>", "name of an element or an attribute"),
        ("<p{{ .X }}>", "name of an element or an attribute"),
        ("{{ if .Yes }}<p title='{{ end }}x", "branches end in different places"),
        ("{{ if .Yes }}<script>{{ end }}{{ .X }}", "branches end in different places"),
        ("{{ range .L }}<p title='{{ end }}", "different place"),
        ("<p title='{{ range .L }}'{{ if .X }}{{ break }}{{ end }} title='{{ end }}'>", "leaves a tag open"),
        ("<p {{ if .Yes }}hre{{ end }}f='{{ .X }}'>", "white space is missing"),
        ("<a href='/{{ if .Yes }}?{{ end }}{{ .X }}'>", "depends on a condition"),
        ("<p title='{{ .X }}", "ends within"),
        ("<!-- {{ .X }}", "ends within"),
        ("<script>", "ends within"),
        ("<p title=>{{ .X }}", "value of an attribute is missing"),
        ("<p '{{ .X }}'>", "unexpected"),
        (
            "{{ define `t` }}{{ if .X }}{{ template `t` }}{{ end }}<p title='{{ end }}{{ template `t` }}",
            "includes itself",
        ),
        (
            "{{ define `a` }}{{ if .X }}{{ template `b` }}{{ end }}<p title='{{ end }}"
            "{{ define `b` }}{{ if .Y }}{{ else }}{{ range .L }}{{ template `a` }}{{ end }}{{ end }}{{ end }}"
            "{{ template `a` }}",
            "includes itself",
        ),
    ],
)
def test_a_place_where_nothing_makes_data_safe_is_refused(source: str, says: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        Template("mail", source, html=True)
    assert says in caught.value.reason


class Seen(HTMLParser):
    """Which elements and attributes a reader's program sees."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


@pytest.mark.parametrize(
    "value",
    [
        EVIL,
        "'><img src=x onerror=alert(1)>",
        "`><svg/onload=alert(1)>",
        " onmouseover=alert(1) x=",
        "</title></style></textarea><script>",
        "--><script>",
        "javascript:alert(1)//",
        "\x00\x01<b>",
        "&lt;script&gt;",
        "<" * 50,
    ],
)
def test_t29_no_value_adds_an_element_or_an_attribute(value: str) -> None:
    source = (
        "<title>{{ .X }}</title><style>p { color: {{ .X }} }</style>"
        "<p title='{{ .X }}' id=\"{{ .X }}\" lang={{ .X }} style='color: {{ .X }}'>{{ .X }}</p>"
        "<a href='{{ .X }}'>{{ .X }}</a><img src=\"https://x.test/{{ .X }}?{{ .X }}\">"
        "<textarea>{{ .X }}</textarea><!-- {{ .X }} --><b>x</b>"
    )
    seen = Seen()
    seen.feed(render(source, value))
    assert seen.tags == [
        ("title", ()),
        ("style", ()),
        ("p", ("title", "id", "lang", "style")),
        ("a", ("href",)),
        ("img", ("src",)),
        ("textarea", ()),
        ("b", ()),
    ]
