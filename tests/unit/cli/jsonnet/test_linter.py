import pytest

from identity_server.cli.jsonnet.linter import lint


@pytest.mark.parametrize(
    "text",
    [
        "local claims = std.extVar('claims');\n{identity: {traits: {[if 'a' in claims then 'b']: claims.a}}}",
        "function(ctx) { a: 1 }",
        "local f(x, y=x) = x * -y; f(1, y=2)",
        "local even(n) = n == 0 || odd(n - 1), odd(n) = n != 0 && even(n - 1); even(3)",
        "{ a: 'a' in super, b: super.c, c: super['d'], e: $.a, f: self.b }",
        "{ local x = 1, a: x, b: { c: $.a } }",
        "{ [k]: v for k in ['a'] for v in [k] if v > 1 }",
        "[x for x in [1]]",
        "local _unused = 1; 2",
        "{ f(x):: x + 1, assert self.f(1) == 2 : 'x', h+: {} }",
        "{ a: 1 }.a",
        "error 'x'",
        "|||\n  text\n   more\n\n  x\n|||",
        '@\'it\'\'s\' + @"say ""x"""',
        "[1, 2][0:1:1]",
    ],
)
def test_good_programs_have_no_findings(text):
    assert [str(finding) for finding in lint(text)] == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("{a: y}", ["line 1, column 5: unknown variable y"]),
        ("local x = 1;\n2", ["line 1, column 7: unused variable x"]),
        ("{ local z = 1, a: 2 }", ["line 1, column 9: unused variable z"]),
        ("[1 for x in [1]]", ["line 1, column 8: unused variable x"]),
        (
            "[x for y in [1] if y > x]",
            ["line 1, column 2: unknown variable x", "line 1, column 24: unknown variable x"],
        ),
        ("{ a: 1, 'a': 2 }", ["line 1, column 9: the field a is there twice"]),
        ("local a = 1, a = 2; a", ["line 1, column 14: a is there twice"]),
        ("function(a, a) a", ["line 1, column 13: a is there twice"]),
        ("self.x", ["line 1, column 1: self outside of an object"]),
        ("$.x", ["line 1, column 1: $ outside of an object"]),
        ("{ ['a' + self.b]: 1 }", ["line 1, column 10: self outside of an object"]),
        ("local f(x) = y; f(1)", ["line 1, column 14: unknown variable y"]),
        ("{a: }", ["line 1, column 5: expected an expression, found '}'"]),
        ("local x = 1; {a: ", ["line 1, column 18: expected an expression, found the end"]),
        ("{a b}", ["line 1, column 4: expected '+:' or '+::' or '+:::' or ':' or '::' or ':::', found 'b'"]),
        ("1 2", ["line 1, column 3: expected the end, found '2'"]),
        ("// nothing\n", ["line 2, column 1: expected an expression, found the end"]),
        (
            "'\\q'",
            [
                "line 1, column 1: this text has an unknown escape; "
                r"allowed: \" \' \\ \/ \b \f \n \r \t \uXXXX"
            ],
        ),
        ("0x10", ["line 1, column 2: expected the end, found 'x10'"]),
        (
            "|||\nnot indented\n|||",
            ["line 1, column 1: a text block starts with ||| and a line break, and its lines are indented"],
        ),
        ("|||\n  text\n", ["line 1, column 1: this text block never ends"]),
        ("f(1", ["line 1, column 4: expected ',' or ')', found the end"]),
        ("import x", ["line 1, column 8: expected a text, found 'x'"]),
    ],
)
def test_what_is_to_mend_is_told_with_its_place(text, findings):
    assert [str(finding) for finding in lint(text)] == findings


@pytest.mark.parametrize("text", ["(" * 10_000, "1" + "+1" * 20_000, "f" + "(1)" * 20_000])
def test_hostile_programs_have_one_finding(text):
    assert len(lint(text)) == 1
