import json
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.jsonnet").write_text("{a:1,}\n")
    (tmp_path / "neat.jsonnet").write_text("{ a: 1 }\n")
    (tmp_path / "bad.jsonnet").write_text("{a: ")
    (tmp_path / "binary.jsonnet").write_bytes(b"\xff\xfe")
    return tmp_path


@pytest.mark.parametrize("words", [["lint", "lint"], ["lint", "jsonnet"], ["jsonnet", "lint"]])
def test_lint_says_nothing_of_good_files_and_fails_on_bad_ones(run, folder, words):
    ran = run(*words, folder / "good.jsonnet", folder / "neat.jsonnet")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    ran = run(*words, folder / "bad.jsonnet")
    assert ran.status == 1
    assert "bad.jsonnet: line 1, column 5: expected an expression" in ran.err


def test_a_file_that_is_not_there_is_told(run, folder):
    ran = run("lint", "lint", folder / "none.jsonnet")
    assert ran.status == 0
    assert "none.jsonnet: there is no such file" in ran.err


@pytest.mark.parametrize("words", [["format", "jsonnet"], ["jsonnet", "format"]])
def test_format_prints_or_writes(run, folder, words):
    assert run(*words, folder / "good.jsonnet").out == "{ a: 1 }\n"
    ran = run(*words, "-w", folder / "[gn]*.jsonnet")
    assert (ran.status, ran.out) == (0, "")
    assert (folder / "good.jsonnet").read_text() == "{ a: 1 }\n"


def test_format_leaves_broken_files_alone(run, folder):
    ran = run("format", "jsonnet", "-w", folder / "bad.jsonnet", folder / "good.jsonnet")
    assert ran.status == 1
    assert (folder / "bad.jsonnet").read_text() == "{a: "
    assert (folder / "good.jsonnet").read_text() == "{ a: 1 }\n"
    assert "is not UTF-8" in run("format", "jsonnet", folder / "binary.jsonnet").err


def test_a_snippet_is_evaluated_as_the_server_does(run):
    request = {"Snippet": "function(n) { sum: n + std.extVar('m'), text: std.extVar('t') }"}
    ran = run(
        "jsonnet", stdin=json.dumps({**request, "TLACodes": {"n": "1"}, "ExtCodes": {"m": "2"}, "ExtVars": {"t": "3"}})
    )
    assert ran.json == {"sum": 3, "text": "3"}


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        ('{"Snippet": "{a: }"}', "syntax error"),
        ('{"Snippet": "import \'/etc/passwd\'"}', "imports are not allowed"),
        ('{"Snippet": "local f(n) = f(n) + f(n); f(1)"}', "snippet"),
        ("{}", "Snippet"),
        ("nonsense", "not JSON"),
        ('{"Snippet": "1", "ExtCodes": {"a": "1 + 1"}}', "ExtCodes.a must be JSON"),
    ],
)
def test_a_snippet_without_a_value_fails(run, stdin, says):
    ran = run("jsonnet", stdin=stdin)
    assert (ran.status, ran.out) == (1, "")
    assert says in ran.err
    assert "root:" not in ran.err
