"""The template language itself, text mode."""

from typing import Any

import pytest

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import TemplateError, TemplateRenderError, TemplateSyntaxError
from identity_server.courier.go_templates.template import Template

DATA: dict[str, Any] = {
    "To": "hugo@mail.test",
    "RecoveryCode": "123456",
    "ExpiresInMinutes": 60,
    "Empty": "",
    "Nothing": None,
    "Yes": True,
    "Ratio": 2.5,
    "Identity": {
        "schema_id": "member",
        "traits": {
            "nickname": "Hugo",
            "tags": ["a", "b", "c"],
            "address": {"city": "Ulm", "zip": "89073"},
            "newsletter": True,
            "none": [],
            "given-name": "H.",
        },
    },
}


def render(source: str, **data: Any) -> str:
    return Template("mail", source).render({**DATA, **data})


@pytest.mark.parametrize(
    ("source", "text"),
    [
        # fields and values
        ("{{ .To }}", "hugo@mail.test"),
        ("{{.Identity.traits.address.city}}", "Ulm"),
        ("{{ $.Identity.schema_id }}", "member"),
        ("{{ .ExpiresInMinutes }} {{ .Ratio }} {{ .Yes }}", "60 2.5 true"),
        ("{{ .Nothing }}|{{ .Missing }}|{{ .Missing.deeper.still }}", "<no value>|<no value>|<no value>"),
        ("{{ .Identity.traits.tags }} {{ .Identity.traits.address }}", "[a b c] map[city:Ulm zip:89073]"),
        ("{{ (index .Identity.traits.tags 1) }}{{ (.Identity.traits).nickname }}", "bHugo"),
        ('{{ index .Identity.traits "given-name" }}', "H."),
        # literals
        ('{{ "a\\tb\\"c\\u00e4" }}{{ `raw\\n` }}', 'a\tb"cäraw\\n'),
        ("{{ 12 }} {{ -3 }} {{ 0x1F }} {{ 1_000 }} {{ 1.5e3 }} {{ 'A' }} {{ true }}", "12 -3 31 1000 1500 65 true"),
        ('{{ "}}" }}', "}}"),
        # white space and comments
        ("a  {{- .To -}}  b", "ahugo@mail.testb"),
        ("a\n{{- /* gone */ -}}\nb{{/* {{ .Gone }} */}}c", "abc"),
        ("{{\n  .To\n}}", "hugo@mail.test"),
        ("{{ 3 -}} x{{- 3 }}", "3x3"),
        ("{ {x} }", "{ {x} }"),
        # if
        ("{{ if .Yes }}a{{ else }}b{{ end }}{{ if .Empty }}a{{ else }}b{{ end }}", "ab"),
        ("{{ if .Empty }}a{{ else if .Nothing }}b{{ else if .Yes }}c{{ else }}d{{ end }}", "c"),
        ("{{ if .Identity.traits.none }}a{{ end }}{{ if .Identity.traits.tags }}b{{ end }}", "b"),
        ("{{ if and .Yes .To (not .Empty) }}a{{ end }}{{ if or .Empty .Nothing }}b{{ end }}", "a"),
        # with
        ("{{ with .Identity.traits }}{{ .nickname }}{{ $.To }}{{ else }}no{{ end }}", "Hugohugo@mail.test"),
        ("{{ with .Nothing }}a{{ else with .To }}{{ . }}{{ else }}c{{ end }}", "hugo@mail.test"),
        ("{{ with $x := .To }}{{ $x }}{{ . }}{{ end }}", "hugo@mail.testhugo@mail.test"),
        # range
        ("{{ range .Identity.traits.tags }}<{{ . }}>{{ end }}", "<a><b><c>"),
        (
            "{{ range $i, $tag := .Identity.traits.tags }}{{ if $i }}, {{ end }}{{ $i }}{{ $tag }}{{ end }}",
            "0a, 1b, 2c",
        ),
        ("{{ range $tag := .Identity.traits.tags }}{{ $tag }}{{ end }}", "abc"),
        (
            "{{ range $key, $value := .Identity.traits.address }}{{ $key }}={{ $value }};{{ end }}",
            "city=Ulm;zip=89073;",
        ),
        (
            "{{ range .Identity.traits.none }}a{{ else }}empty{{ end }}{{ range .Nothing }}a{{ else }}!{{ end }}",
            "empty!",
        ),
        (
            "{{ range until 9 }}{{ if eq . 2 }}{{ continue }}{{ end }}"
            "{{ if eq . 4 }}{{ break }}{{ end }}{{ . }}{{ end }}",
            "013",
        ),
        ("{{ range 3 }}{{ . }}{{ end }}", "012"),
        # variables
        ('{{ $a := "x" }}{{ if .Yes }}{{ $a = "y" }}{{ end }}{{ $a }}', "y"),
        ('{{ $a := "x" }}{{ if .Yes }}{{ $a := "y" }}{{ end }}{{ $a }}', "x"),
        ("{{ $n := 0 }}{{ range .Identity.traits.tags }}{{ $n = add $n 1 }}{{ end }}{{ $n }}", "3"),
        ("{{ $t := .Identity.traits }}{{ $t.nickname }}", "Hugo"),
        # templates
        (
            '{{ define "who" }}[{{ . }}]{{ end }}{{ template "who" .To }}{{ template "who" }}',
            "[hugo@mail.test][<no value>]",
        ),
        ('{{ block "who" .Identity.traits }}{{ .nickname }}{{ end }}!', "Hugo!"),
        ('{{ template "late" . }}{{ define "late" }}{{ $.To }}{{ end }}', "hugo@mail.test"),
        # pipelines and functions
        ('{{ .Identity.traits.nickname | upper | printf "%s-%s" "x" }}', "x-HUGO"),
        (
            '{{ "a" | eq "a" }}{{ eq 1 2 3 1 }}{{ ne "a" "b" }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt "b" "a" }}{{ ge 1 2 }}',
            "truetruetruetruetruetruefalse",
        ),
        (
            '{{ or .Empty "x" }}{{ and .To "y" }}{{ not .Yes }}{{ len .To }}{{ len .Identity.traits.tags }}',
            "xyfalse143",
        ),
        ("{{ slice .To 0 4 }}{{ slice .Identity.traits.tags 1 }}", "hugo[b c]"),
        ('{{ print "a" 1 2 "b" .Nothing }}{{ println 1 "x" }}', "a1 2b<nil>1 x\n"),
        ('{{ html "<a b=\'c\'>" }}{{ urlquery "a b&c" }}{{ js "it\'s" }}', "&lt;a b=&#39;c&#39;&gt;a+b%26cit\\'s"),
        # what a function decides is not evaluated further
        ("{{ or .To (index .Identity.traits.tags 99) }}{{ and .Empty (fail `no`) }}", "hugo@mail.test"),
    ],
)
def test_a_template_gives_a_text(source: str, text: str) -> None:
    assert render(source) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('"%d|%5d|%-5d|%05d|%+d" 42 42 42 42 42', "42|   42|42   |00042|+42"),
        ('"%s|%10s|%-5s|%.2s" "abc" "abc" "abc" "abc"', "abc|       abc|abc  |ab"),
        ('"%q %v %v %t" "a\\"b" .Nothing .Ratio true', '"a\\"b" <nil> 2.5 true'),
        ('"%.2f %6.1f %e %g" 1.5 2.25 1500.0 2.5', "1.50    2.2 1.500000e+03 2.5"),
        ('"%x %X %o %b %c %U" 255 255 8 5 65 65', "ff FF 10 101 A U+0041"),
        ('"%x" "ab"', "6162"),
        ('"%*d|%%" 4 1', "   1|%"),
        ('"%d" "x"', "%!d(string=x)"),
        ('"%s" 5', "%!s(int=5)"),
        ('"%s %s" "a"', "a %!s(MISSING)"),
        ('"%s" "a" "b"', "a%!(EXTRA string=b)"),
        ('"%T %T %T" 1 "a" .Nothing', "int string <nil>"),
        ('"100%"', "100%!(NOVERB)"),
    ],
)
def test_printf_formats_as_go_does(arguments: str, text: str) -> None:
    assert render("{{ printf " + arguments + " }}") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (42, "42"),
        (1_000_000, "1000000"),
        (1_000_000.0, "1000000"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (1e300, "1e+300"),
        (-2.5, "-2.5"),
        (False, "false"),
        ([1, None, "x", {"k": 2.0}], "[1 <nil> x map[k:2]]"),
        ({"b": 1, "a": [True]}, "map[a:[true] b:1]"),
    ],
)
def test_values_show_as_go_shows_them(value: Any, text: str) -> None:
    assert render("{{ .Value }}", Value=value) == text


@pytest.mark.parametrize(
    ("source", "line", "column", "says"),
    [
        ("{{ .To", 1, 1, "does not end"),
        ("ab\ncd {{ if .To }}", 2, 7, "{{end}} is missing"),
        ("{{ end }}", 1, 4, "nothing to end"),
        ("{{ if .To }}{{ else }}{{ else }}{{ end }}", 1, 26, "only one {{else}}"),
        ("{{ nope .To }}", 1, 4, "no function 'nope'"),
        ("{{ env `HOME` }}", 1, 4, "no function 'env'"),
        ("{{ now }}", 1, 4, "no function 'now'"),
        ("{{ call .To }}", 1, 4, "no function 'call'"),
        ("{{ upper }}", 1, 4, "takes 1 argument, not 0"),
        ("{{ .To | upper .To }}", 1, 10, "takes 1 argument, not 2"),
        ("{{ index }}", 1, 4, "1 or more"),
        ("{{ .ChangedAt.Format `2006` }}", 1, 4, "only a function takes arguments"),
        ("{{ `x` | .To }}", 1, 10, "only a function takes arguments"),
        ("{{ $x }}", 1, 4, "not declared"),
        ("{{ if .To }}{{ $x := 1 }}{{ end }}{{ $x }}", 1, 38, "not declared"),
        ("{{ $x = 1 }}", 1, 4, "not declared"),
        ('{{ define "a" }}{{ $x }}{{ end }}', 1, 20, "not declared"),
        ("{{ }}", 1, 4, "a value is missing"),
        ("{{ .To | }}", 1, 10, "a value is missing"),
        ("{{ (upper .To }}", 1, 4, "not closed"),
        ("{{ .To ) }}", 1, 8, "unexpected"),
        ('{{ "abc }}', 1, 4, "does not end"),
        ("{{ .To # }}", 1, 8, "unexpected '#'"),
        ("{{ /* x */ }}", 1, 4, "unexpected '/'"),
        ("{{/* x }}", 1, 1, "comment does not end"),
        ('{{ template "gone" . }}', 1, 4, "no template is defined"),
        ("{{ template gone }}", 1, 13, "quoted name"),
        ('{{ define "a" }}{{ end }}{{ define "a" }}{{ end }}', 1, 29, "twice"),
        ('{{ if .To }}{{ define "a" }}{{ end }}{{ end }}', 1, 16, "at the top"),
        ("{{ break }}", 1, 4, "outside of a range"),
        ("{{ range $a, $b, $c := .To }}{{ end }}", 1, 14, "too many"),
        ("{{ nil }}", 1, 4, "nil is not a command"),
        ("{{ if .To }}x{{ else if }}{{ end }}", 1, 25, "a value is missing"),
        ('{{ eq"a" "b" }}', 1, 6, "white space is missing"),
        ('{{ "\\ud800" }}', 1, 4, "escape"),
        ("{{ 1abc }}", 1, 4, "unexpected"),
        ("{{ range }}{{ end }}", 1, 10, "a value is missing"),
        ("{{ .To }} {{ .To.Upper.X (1) }}", 1, 14, "only a function"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_place(source: str, line: int, column: int, says: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        Template("courier.templates.x", source)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in caught.value.reason
    assert str(caught.value).startswith(f"courier.templates.x:{line}:{column}: ")


@pytest.mark.parametrize(
    "source",
    [
        "{{ .Wrong }}",
        "{{ $.Wrong }}",
        "{{ with .To }}{{ $.Wrong }}{{ end }}",
        "{{ if .To }}{{ .Wrong }}{{ end }}",
        "{{ range .To }}{{ else }}{{ .Wrong }}{{ end }}",
        "{{ upper (print .Wrong) }}",
        '{{ define "a" }}{{ .Wrong }}{{ end }}{{ template "a" . }}',
        '{{ define "a" }}{{ with .To }}{{ $.Wrong }}{{ end }}{{ end }}{{ with .To }}{{ template "a" $ }}{{ end }}',
    ],
)
def test_a_field_that_never_exists_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=r"no field \.Wrong here; there are \.Identity, \.To"):
        Template("mail", source, fields=["To", "Identity"])


def test_fields_below_the_first_level_are_free() -> None:
    source = '{{ .Identity.Wrong }}{{ with .Identity }}{{ .Wrong }}{{ end }}{{ define "a" }}{{ .Wrong }}{{ end }}'
    assert Template("mail", source + '{{ template "a" .Identity }}', fields=["Identity"]).render({"Identity": {}})


# -- limits and attacks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
        '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" }}',
        "{{ range until 20000 }}{{ range until 20000 }}{{ range until 20000 }}{{ end }}{{ end }}{{ end }}",
        "{{ range until 2000000000 }}{{ end }}",
        "{{ range 2000000000 }}{{ end }}",
        '{{ repeat 2000000000 "x" }}',
        '{{ $x := "xx" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}',
        '{{ $x := repeat 99999 "x" }}{{ replace "x" $x $x }}',
        '{{ $x := repeat 99999 "x" }}{{ regexReplaceAll "x" $x $x }}',
        '{{ $x := repeat 99999 "\\n" }}{{ indent 99999 $x }}',
        '{{ $x := repeat 99999 "a " }}{{ wrapWith 1 $x $x }}',
        '{{ $x := repeat 9999 "x" }}{{ join $x (until 9999) }}',
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}",
        "{{ $x := dict }}{{ range until 60 }}{{ $x = dict `a` $x `b` $x }}{{ end }}",
        "{{ $x := dict }}{{ $x = set $x `x` $x }}{{ $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}",
        '{{ printf "%99999999d" 1 }}',
        '{{ printf "%*d" 99999999 1 }}',
        '{{ range until 20000 }}{{ repeat 100 "x" }}{{ end }}',
        "{{ untilStep 0 100000000 1 }}",
        '{{ regexMatch "(" "x" }}',
        '{{ fail "stop" }}',
        '{{ fromJson "[[[[" }}',
        "{{ index .Identity.traits.tags 3 }}",
        "{{ index .Identity.traits.tags -1 }}",
        "{{ index .To `x` }}",
        "{{ slice .To 4 2 }}",
        "{{ lt .To 1 }}",
        "{{ len .Yes }}",
        "{{ .To.length }}",
        "{{ range .To }}{{ end }}",
        '{{ b64dec "***" }}',
        "{{ div 1 0 }}",
        "{{ mul 9999999999 9999999999 9999999999 }}",
        "{{ date `2006` `yesterday` }}",
        "{{ dateInZone `2006` 0 `../../etc/passwd` }}",
    ],
)
def test_a_template_that_asks_for_too_much_stops(source: str) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        render(source)
    assert caught.value.line == 1


def test_t29_a_template_has_no_way_to_python() -> None:
    class Trap:
        secret = "s3cret"

        def __str__(self) -> str:
            return "only this"

    assert render("{{ .Trap }}", Trap=Trap()) == "only this"
    for source in ("{{ .Trap.secret }}", "{{ .To.__class__ }}", "{{ index .To `__class__` }}", "{{ .Trap.__dict__ }}"):
        with pytest.raises(TemplateError):
            render(source, Trap=Trap())
    assert render("{{ .Identity.__class__ }}{{ .__init__ }}") == "<no value><no value>"
    assert render('{{ printf "{0.__class__} %(a)s" }}') == "{0.__class__} %!((MISSING)a)s"


def test_a_template_cannot_change_the_data() -> None:
    data = {"Identity": {"traits": {"role": "user"}}}
    source = '{{ $_ := set .Identity.traits "role" "admin" }}{{ .Identity.traits.role }}'
    assert Template("mail", source).render(data) == "admin"
    assert data == {"Identity": {"traits": {"role": "user"}}}


def test_deep_and_odd_data_does_not_stop_a_mail() -> None:
    deep: Any = "core"
    for _ in range(5000):
        deep = [deep]
    assert render("{{ .To }}", Deep=deep) == "hugo@mail.test"
    assert render("{{ .Odd }}", Odd="a\ud800b") == "a?b"


def test_a_source_has_a_limit() -> None:
    with pytest.raises(TemplateSyntaxError, match="characters"):
        Template("mail", "x" * (limits.SOURCE + 1))


@pytest.mark.parametrize("piece", ["{{ if .To }}", "{{ range .To }}", "{{ with .To }}", "{{ if .A }}{{ else }}"])
def test_blocks_may_not_be_nested_without_end(piece: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="nested"):
        Template("mail", piece * 5000 + "{{ end }}" * 5000)


@pytest.mark.parametrize(
    "source", ["{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "{{ if 1 }}" + "{{ else if 1 }}" * 5000]
)
def test_expressions_may_not_be_nested_without_end(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="nested"):
        Template("mail", source)


def test_a_hostile_pattern_takes_no_time() -> None:
    assert render('{{ regexMatch "(a+)+$" .Text }}', Text="a" * 50_000 + "!") == "false"
