import pytest
from click import BadParameter, ClickException

from identity_server.cli.output import Table, Writer, read_format
from identity_server.cli.selecting import by_path, by_pointer

DOCUMENT = {
    "traits": {"email": "a@b.test", "a.b": 1, "roles": ["x", "y"], "a/b~c": 2},
    "addresses": [
        {"via": "email", "value": "a@b.test", "verified": True, "rank": 1},
        {"via": "sms", "value": "+49", "verified": False, "rank": 2},
        {"via": "email", "value": "c@d.test", "rank": 3},
    ],
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("traits.email", "a@b.test"),
        ("traits|email", "a@b.test"),
        ("traits.a\\.b", 1),
        ("traits.roles.1", "y"),
        ("traits.roles.#", 2),
        ("addresses.#.via", ["email", "sms", "email"]),
        ("addresses.#.verified", [True, False]),
        ("tra*.em?il", "a@b.test"),
        ('addresses.#(via=="sms").value', "+49"),
        ('addresses.#(via=="email")#.value', ["a@b.test", "c@d.test"]),
        ("addresses.#(rank>1)#.rank", [2, 3]),
        ("addresses.#(rank>=2).rank", 2),
        ("addresses.#(rank<2).rank", 1),
        ("addresses.#(rank<=0)#", []),
        ('addresses.#(value%"+*").via', "sms"),
        ('addresses.#(value!%"*@*").via', "sms"),
        ("addresses.#(verified==true)#.rank", [1]),
        ("addresses.#(via!=email)#.via", ["sms"]),
        ("addresses.#(verified)#.rank", [1, 2]),
        ("none", None),
        ("no.such", None),
        ("traits.roles.9", None),
        ("traits.roles.01", None),
        ("traits.#", None),
        ("", None),
        ("addresses.#(broken", None),
    ],
)
def test_a_path_picks_a_value(path, value):
    assert by_path(DOCUMENT, path) == value


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/traits/email", "a@b.test"),
        ("/addresses/1/via", "sms"),
        ("/traits/a~1b~0c", 2),
        ("/none", None),
        ("", DOCUMENT),
    ],
)
def test_a_pointer_picks_a_value(pointer, value):
    assert by_pointer(DOCUMENT, pointer) == value


@pytest.mark.parametrize("pointer", ["/no", "traits", "/addresses/3", "/addresses/-1", "/addresses/00", "/addresses/١"])
def test_a_pointer_to_nothing_fails(pointer):
    with pytest.raises(ClickException):
        by_pointer(DOCUMENT, pointer)


@pytest.mark.parametrize("text", ["xml", "JSON", "jsonpath", "", "json-prettyy"])
def test_an_unknown_format_is_refused_with_what_is_allowed(text):
    with pytest.raises(BadParameter, match="allowed: table, json, json-pretty, yaml, jsonpath=PATH"):
        read_format(text)


TABLE = Table(("ID", "NAME"), [["1", "one"], ["22", "two"]])


@pytest.mark.parametrize(
    ("format", "lines"),
    [
        ("table", ["ID  NAME", "1   one", "22  two"]),
        ("json", ['{"a":["é",null]}']),
        ("json-pretty", ["{", '  "a": [', '    "é",', "    null", "  ]", "}"]),
        ("yaml", ["a:", "- é", "- null"]),
        ("jsonpath=a.0", ['"é"']),
        ("jsonpointer=/a", ['["é",null]']),
    ],
)
def test_results_are_printed_in_the_form_that_was_asked_for(capsys, format, lines):
    read_format(format).write({"a": ["é", None]}, TABLE, ["1", "22"])
    assert capsys.readouterr().out.splitlines() == lines


def test_quiet_prints_ids_alone(capsys):
    Writer("json", quiet=True).write({}, TABLE, ["1", "22"])
    assert capsys.readouterr().out == "1\n22\n"


def test_a_single_row_stands_upright():
    assert Table(("ID", "NAME"), [["1", "one"]], single=True).lines() == ["ID    1", "NAME  one"]


def test_a_cell_cannot_move_the_cursor_or_start_a_row():
    assert Table(("A", "B"), [["x\n1\r\x1b[2J", "y\u202e"]]).lines()[1] == "x 1  [2J  y"
