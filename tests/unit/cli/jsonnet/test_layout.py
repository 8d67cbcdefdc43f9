import re

import pytest
import rjsonnet
from hypothesis import given, settings
from hypothesis import strategies as some

from identity_server.cli.jsonnet.layout import format_text
from identity_server.cli.jsonnet.tokens import JsonnetError, tokenize

MAPPER = """# claims to traits
local claims = {
  email_verified: false,
} + std.extVar("claims");




{
  identity: {
    traits: {
          // only what was verified
      [if 'email' in claims && claims.email_verified then 'email' else null]: claims['email'], // trailing
      "name": if "x" in claims then
      claims.name else
      null, roles: [ r.id for r in claims.roles if r.kind == "a" ]
    },
    "a b": 1, x:: 2, y+: {z:1}, f(a,b=1):: a+b
  },
}
"""
NEAT = """// claims to traits
local claims = {
  email_verified: false,
} + std.extVar('claims');


{
  identity: {
    traits: {
      // only what was verified
      [if 'email' in claims && claims.email_verified then 'email' else null]: claims.email,  // trailing
      name: if 'x' in claims then
        claims.name else
        null,
      roles: [r.id for r in claims.roles if r.kind == 'a'],
    },
    'a b': 1,
    x:: 2,
    y+: { z: 1 },
    f(a, b=1):: a + b,
  },
}
"""


@pytest.mark.parametrize(
    ("text", "neat"),
    [
        (MAPPER, NEAT),
        ("{identity:{traits:{email:1,},},}", "{ identity: { traits: { email: 1 } } }\n"),
        ("function(ctx) { a: 1 }\n", "function(ctx) { a: 1 }\n"),
        ("[1 // x\n,]", "[\n  1,  // x\n]\n"),
        ("[1,2,]", "[1, 2]\n"),
        ("[1,\n2]", "[\n  1,\n  2,\n]\n"),
        ("f(\n1,2,)", "f(\n  1,\n  2\n)\n"),
        ("{\n}", "{}\n"),
        ("{ // empty\n}", "{  // empty\n}\n"),
        ("a\n.b(1)\n.c", "a\n  .b(1)\n  .c\n"),
        ("if a\nthen b\nelse c", "if a\nthen b\nelse c\n"),
        ("if a then\nb\nelse\nc", "if a then\n  b\nelse\n  c\n"),
        ("local x=1,y=2;x+y", "local x = 1, y = 2; x + y\n"),
        ("local f(x,y=1)=x;\nf(1,y=2)tailstrict", "local f(x, y=1) = x;\nf(1, y=2) tailstrict\n"),
        ("x [ 1 : 2 ]", "x[1:2]\n"),
        ("x[::-1]", "x[::-1]\n"),
        ("!a&&-b==~c", "!a && -b == ~c\n"),
        ("{a:|||\n  text\n    more\n|||,b:1}", "{ a: |||\n  text\n    more\n|||, b: 1 }\n"),
        ("{local a=1,assert a==1:'no',b:a}", "{ local a = 1, assert a == 1 : 'no', b: a }\n"),
        ("{['a']:1,['b c']:2,'if':3}", "{ a: 1, ['b c']: 2, 'if': 3 }\n"),
        ("a{b:1}+{c:2}", "a { b: 1 } + { c: 2 }\n"),
        ("error'a'+\"it's\"+'say \"x\"'+'it\\'s \\\"x\\\"'", "error 'a' + \"it's\" + 'say \"x\"' + 'it\\'s \"x\"'\n"),
        ("local a=1;# c\n/* b */a// e", "local a = 1;  // c\n/* b */ a  // e\n"),
        ("#!/usr/bin/jsonnet\n1", "#!/usr/bin/jsonnet\n1\n"),
        ("{a: 'a' in super, b: super.c,c:$.d, e: self['f']}", "{ a: 'a' in super, b: super.c, c: $.d, e: self.f }\n"),
        ("assert 1==1:'x';2", "assert 1 == 1 : 'x'; 2\n"),
        ("import'a'", "import 'a'\n"),
        ("(\n1\n)", "(\n  1\n)\n"),
        ("{[k]:k for k in['a']if true}", "{ [k]: k for k in ['a'] if true }\n"),
        ("{\n[k]:k for k in['a']}", "{\n  [k]: k\n  for k in ['a']\n}\n"),
    ],
)
def test_programs_are_laid_out_in_one_style(text, neat):
    assert format_text(text) == neat
    assert format_text(neat) == neat


@pytest.mark.parametrize(
    "text", ["", "{a: }", "local x = 1; {a: ", "{a b}", "1 +", "'never", "/* never", "@", "a[", "super"]
)
def test_what_is_no_jsonnet_is_refused_with_its_place(text):
    with pytest.raises(JsonnetError, match=r"line \d+, column \d+: "):
        format_text(text)


@pytest.mark.parametrize(
    "text", ["(" * 100_000, "[" * 5000, "-" * 5000 + "1", "1" + "+1" * 20_000, "a" + ".b" * 20_000, "{a:" * 500]
)
def test_hostile_programs_are_refused_and_do_not_end_the_process(text):
    with pytest.raises(JsonnetError, match=r"levels deep|operators follow"):
        format_text(text)


names = some.sampled_from(["a", "b", "c"])
values = some.sampled_from(["1", "2.5", "true", "null", "'x'", '"it\'s"', "'say \"x\"'", "[]", "{}", "a", "b", "c"])
breaks = some.sampled_from(["", " ", "\n", "\n\n\n\n", " // note\n", " /* note */ ", "\n# note\n"])


def joined(*parts: str | some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    """The parts with anything between them that Jsonnet skips."""
    spaced = [part for each in parts for part in (some.just(each) if isinstance(each, str) else each, breaks)]
    return some.tuples(*spaced).map(lambda found: " ".join(found))


def larger(inner: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    comma = some.sampled_from(["", ","])
    return some.one_of(
        joined("[", inner, ",", inner, comma, "]"),
        joined("[", inner, "for", "b", "in", "[1, 2]", "if", inner, "]"),
        joined("{ a:", inner, ", 'b':", inner, ", c+:", "{}", comma, "}"),
        joined("{ local", "c", "=", inner, ", ['a']::", inner, ", assert", "true", ":", inner, "}"),
        joined("local", "a", "=", inner, ", c(b,a=1)", "=", inner, ";", inner),
        joined("if", inner, "then", inner, "else", inner),
        joined("(", inner, ")"),
        joined("(", inner, ")", some.sampled_from(["+", "==", "&&", "in", "-", "%"]), "(", inner, ")"),
        joined("(function (a, b=2)", inner, ")", "(", inner, ", b=", inner, ")"),
        joined("!", "(", inner, ")"),
        joined("a", "['b']", ".c", "[", inner, ":", "]"),
        joined("error", inner),
    )


programs = some.recursive(values, larger, max_leaves=12)


def evaluated(text: str) -> str:
    wrapped = f"local a = {{ b: 1 }}, b = [1], c = 'c'; {text}"
    try:
        return rjsonnet.evaluate_snippet("snippet", wrapped, import_callback=lambda folder, name: ("", None))
    except RuntimeError as error:
        return re.sub(r"\n.*", "", re.sub(r"\d+:\d+", "", str(error)), flags=re.DOTALL)


def comments(text: str) -> list[str]:
    found = [comment.text for token in tokenize(text) for comment in token.comments]
    return [re.sub("^#+", "//", comment) for comment in found]


@settings(max_examples=300, deadline=None)
@given(programs)
def test_a_formatted_program_means_the_same_and_keeps_its_comments(text: str):
    neat = format_text(text)
    assert format_text(neat) == neat
    assert comments(neat) == comments(text)
    assert evaluated(neat) == evaluated(text)
