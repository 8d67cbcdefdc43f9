"""What the functions answer; names and arguments are sprig's."""

import re
from pathlib import Path

import pytest

from identity_server.courier.go_templates.errors import TemplateRenderError
from identity_server.courier.go_templates.function_table import FUNCTIONS
from identity_server.courier.go_templates.template import Template

DOCS = Path(__file__).parents[4] / "docs" / "reference" / "templates.md"
DATA = {"List": ["b", "a", "", "b"], "Map": {"x": {"y": 1}, "z": "<&>"}, "Nothing": None, "At": "2026-05-07T09:03:05Z"}


def answer(expression: str) -> str:
    return Template("mail", "{{ " + expression + " }}").render(DATA)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        # texts
        ('upper "aä"', "AÄ"),
        ('lower "AÄ"', "aä"),
        ('title "hello wide-world"', "Hello Wide-World"),
        ('untitle "Hello World"', "hello world"),
        ('swapcase "aB"', "Ab"),
        ('trim "  a  "', "a"),
        ('trimAll "$" "$5$"', "5"),
        ('trimall "$" "$5$"', "5"),
        ('trimPrefix "a" "aab"', "ab"),
        ('trimSuffix "b" "abb"', "ab"),
        ('nospace " a b\\nc"', "abc"),
        ('repeat 3 "ab"', "ababab"),
        ('repeat -1 "ab"', ""),
        ('substr 1 3 "hello"', "el"),
        ('substr -1 2 "hello"', "he"),
        ('substr 2 -1 "hello"', "llo"),
        ('trunc 2 "hello"', "he"),
        ('trunc -2 "hello"', "lo"),
        ('abbrev 5 "hello world"', "he..."),
        ('abbrev 50 "hello"', "hello"),
        ('initials "Ada King Lovelace"', "AKL"),
        ('wrap 5 "one two three"', "one\ntwo\nthree"),
        ('wrapWith 5 " / " "one two three"', "one / two / three"),
        ('contains "ell" "hello"', "true"),
        ('hasPrefix "he" "hello"', "true"),
        ('hasSuffix "he" "hello"', "false"),
        ('quote "a\\"b" 1 .Nothing', '"a\\"b" "1"'),
        ('squote "a" "b"', "'a' 'b'"),
        ('cat "a" 1 .Nothing true', "a 1 true"),
        ('indent 2 "a\\nb"', "  a\n  b"),
        ('nindent 2 "a\\nb"', "\n  a\n  b"),
        ('replace "a" "o" "banana"', "bonono"),
        ('plural "one" "many" 1', "one"),
        ('plural "one" "many" 0', "many"),
        ('snakecase "FirstName of"', "first_name_of"),
        ('kebabcase "FirstName"', "first-name"),
        ('camelcase "http_server"', "HttpServer"),
        ("toString 5", "5"),
        ('b64enc "hällo"', "aMOkbGxv"),
        ('b64dec "aMOkbGxv"', "hällo"),
        ('sha1sum "a"', "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ('sha256sum "a" | trunc 8', "ca978112"),
        ('sha512sum "a" | trunc 8', "1f40fc92"),
        ("upper .Nothing", ""),
        # patterns
        ('regexMatch "^a.c$" "abc"', "true"),
        ('regexFind "[0-9]+" "a12b345"', "12"),
        ('regexFind "x" "a"', ""),
        ('regexFindAll "[0-9]+" "1a2b3" -1', "[1 2 3]"),
        ('mustRegexFindAll "[0-9]+" "1a2b3" 2', "[1 2]"),
        ('regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W$$"', "-W$-xxW$-"),
        ('regexReplaceAll "a(x*)b" "-axxb-" "$9"', "--"),
        ('regexReplaceAllLiteral "a(x*)b" "-axxb-" "${1}"', "-${1}-"),
        ('regexSplit "z+" "pizza" -1', "[pi a]"),
        ('regexSplit "a" "banana" 2', "[b nana]"),
        ('regexQuoteMeta "1.5"', "1\\.5"),
        # numbers
        ("int 2.9", "2"),
        ('int64 "12"', "12"),
        ('atoi "x"', "0"),
        ('float64 "2.5"', "2.5"),
        ("add 1 2 3", "6"),
        ("add1 2", "3"),
        ("sub 5 2", "3"),
        ("mul 2 3 4", "24"),
        ("div 7 2", "3"),
        ("div -7 2", "-3"),
        ("mod 7 3", "1"),
        ("mod -7 3", "-1"),
        ("max 1 3 2", "3"),
        ("biggest 1 3", "3"),
        ("min 2 1", "1"),
        ("floor 2.7", "2"),
        ("ceil 2.1", "3"),
        ("round 2.345 2", "2.35"),
        ("until 3", "[0 1 2]"),
        ("until -2", "[0 -1]"),
        ("untilStep 3 9 3", "[3 6]"),
        ("untilStep 3 9 0", "[]"),
        # lists
        ('list 1 "a"', "[1 a]"),
        ("tuple 1 2", "[1 2]"),
        ("first .List", "b"),
        ("last .List", "b"),
        ("first .Nothing", "<no value>"),
        ("rest .List | len", "3"),
        ("initial .List | len", "3"),
        ("append (list 1) 2", "[1 2]"),
        ("push (list 1) 2", "[1 2]"),
        ("prepend (list 1) 2", "[2 1]"),
        ("concat (list 1) (list 2 3) .Nothing", "[1 2 3]"),
        ("reverse (list 1 2 3)", "[3 2 1]"),
        ('uniq (list 1 "1" 1 2)', "[1 1 2]"),
        ('without .List "b"', "[a ]"),
        ("compact .List", "[b a b]"),
        ('has "a" .List', "true"),
        ("has 1 .List", "false"),
        ("sortAlpha .List", "[ a b b]"),
        ("toStrings (list 1 true)", "[1 true]"),
        ('join "-" (list 1 "a")', "1-a"),
        ('join "-" "a"', "a"),
        ('splitList "," "a,b"', "[a b]"),
        ('(split "$" "a$b")._1', "b"),
        ('(splitn "$" 2 "a$b$c")._1', "b$c"),
        # values and maps
        ('default "x" .Nothing', "x"),
        ('.Missing | default "x"', "x"),
        ('"a" | default "x"', "a"),
        ("empty 0", "true"),
        ('coalesce 0 "" "a"', "a"),
        ("all 1 2", "true"),
        ("any 0 2", "true"),
        ('ternary "y" "n" true', "y"),
        ('true | ternary "y" "n"', "y"),
        ("kindOf .Map", "map"),
        ('kindIs "string" .At', "true"),
        ('kindOf .List | printf "%s %s" (kindOf true)', "bool slice"),
        ("deepEqual (list 1 2) (list 1 2)", "true"),
        ("eq 1 true", "false"),
        ('dict "a" 1 "b"', "map[a:1 b:]"),
        ('get .Map "z"', "<&>"),
        ('get .Map "none"', ""),
        ('set (dict "a" 1) "a" 2', "map[a:2]"),
        ('unset (dict "a" 1 "b" 2) "a"', "map[b:2]"),
        ('hasKey .Map "x"', "true"),
        ("keys .Map", "[x z]"),
        ('values (dict "b" 1 "a" 2)', "[2 1]"),
        ('pluck "z" .Map (dict "z" 1)', "[<&> 1]"),
        ('pick .Map "x"', "map[x:map[y:1]]"),
        ('omit .Map "x"', "map[z:<&>]"),
        ('merge (dict "a" 1) (dict "a" 2 "b" 3)', "map[a:1 b:3]"),
        ('mergeOverwrite (dict "a" 1) (dict "a" 2)', "map[a:2]"),
        ('dig "x" "y" 0 .Map', "1"),
        ('dig "x" "q" "none" .Map', "none"),
        ("toJson .Map", '{"x":{"y":1},"z":"\\u003c\\u0026\\u003e"}'),
        ("toRawJson .Map", '{"x":{"y":1},"z":"<&>"}'),
        ('toPrettyJson (dict "a" 1)', '{\n  "a": 1\n}'),
        ('(fromJson "{\\"a\\": [1]}").a', "[1]"),
        # moments
        ('date "2006-01-02 15:04:05" .At', "2026-05-07 09:03:05"),
        ('date "Monday, Jan _2 3:04pm MST" .At', "Thursday, May  7 9:03am UTC"),
        ('date "Mon 2 January 06 03PM 4 5 1 002" .At', "Thu 7 May 26 09AM 3 5 5 127"),
        ('dateInZone "15:04 -0700 Z07:00" .At "Europe/Berlin"', "11:03 +0200 +02:00"),
        ('date_in_zone "15:04Z07:00" .At "UTC"', "09:03Z"),
        ('date "05.000 05.999" "2026-05-07T09:03:05.250Z"', "05.250 05.25"),
        ("htmlDate .At", "2026-05-07"),
        ("htmlDate 0", "1970-01-01"),
        ("unixEpoch .At", "1778144585"),
        ("duration 3723", "1h2m3s"),
        ("duration 63", "1m3s"),
        ("duration 9", "9s"),
    ],
)
def test_a_function_answers(expression: str, text: str) -> None:
    assert answer(expression) == text


def test_a_template_may_stop_itself() -> None:
    with pytest.raises(TemplateRenderError, match="the template says: no name"):
        answer('fail "no name"')


def test_every_function_is_documented_and_every_documented_function_is_there() -> None:
    section = DOCS.read_text(encoding="utf-8").split("## Functions", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"`([a-zA-Z_0-9]+)`", section))
    assert documented - {"mustRegexMatch"} == {name for name in FUNCTIONS if not name.startswith("must")}
