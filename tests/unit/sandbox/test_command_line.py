"""How the command line reads words and shows answers."""

from pathlib import Path

import pytest

from juju_sandbox.cli import words
from juju_sandbox.cli.main import COMMANDS, main
from juju_sandbox.cli.output import render, status_tables, table
from juju_sandbox.controller import duration
from juju_sandbox.failures import SandboxError


def test_the_guides_commands_are_known() -> None:
    assert {"run", "config", "integrate", "remove-relation", "add-secret", "grant-secret", "status"} <= set(COMMANDS)
    assert {"update-secret", "show-secret", "show-unit", "add-unit", "remove-unit", "refresh", "deploy"} <= set(
        COMMANDS
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert COMMANDS[name].summary[:20] in capsys.readouterr().out


def test_without_a_sandbox_the_way_to_one_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KRATOS_SANDBOX", str(tmp_path / "none"))
    assert main(["status"]) == 1
    assert 'ERROR no sandbox runs here; start one with "sandbox/juju deploy kratos"' in capsys.readouterr().err


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    assert '"dance" is no command' in capsys.readouterr().err


def test_parameters_are_yaml_and_nest() -> None:
    found = words.action_parameters(["a=1", "b.c=yes it is", "d=[1, 2]", "e=x=y"], None, strings=False)
    assert found == {"a": 1, "b": {"c": "yes it is"}, "d": [1, 2], "e": "x=y"}
    assert words.action_parameters(["a=1"], None, strings=True) == {"a": "1"}


def test_parameters_of_a_file_yield_to_those_of_the_line(tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text("a: 1\nb: 2\n", encoding="utf-8")
    assert words.action_parameters(["b=3"], str(file), strings=False) == {"a": 1, "b": 3}
    file.write_text("- a\n", encoding="utf-8")
    with pytest.raises(SandboxError, match="no mapping"):
        words.action_parameters([], str(file), strings=False)


@pytest.mark.parametrize("word", ["plain", "=x", "a b=x"])
def test_a_word_that_is_no_pair_is_refused(word: str) -> None:
    with pytest.raises(SandboxError, match="key=value"):
        words.action_parameters([word], None, strings=False)


def test_a_secret_takes_files_without_showing_values(tmp_path: Path) -> None:
    file = tmp_path / "word"
    file.write_text("hunter22", encoding="utf-8")
    assert words.secret_values([f"password#file={file}", "user=me"], None) == {"password": "hunter22", "user": "me"}
    with pytest.raises(SandboxError) as refused:
        words.secret_values(["hunter22"], None)
    assert "hunter22" not in str(refused.value)


def test_an_option_takes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "schemas.json"
    file.write_text("{}", encoding="utf-8")
    assert words.settings([f"identity_schemas=@{file}", "a=b=c"]) == {"identity_schemas": "{}", "a": "b=c"}
    with pytest.raises(SandboxError, match="cannot read"):
        words.settings(["a=@/nowhere"])


@pytest.mark.parametrize(("text", "seconds"), [("60s", 60), ("1m30s", 90), ("2h", 7200), ("5", 5), ("0.5s", 0.5)])
def test_durations(text: str, seconds: float) -> None:
    assert words.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "5 minutes", "-1s", "1d"])
def test_other_durations_are_refused(text: str) -> None:
    for read in (words.seconds, duration):
        with pytest.raises(SandboxError, match="no duration"):
            read(text)


@pytest.mark.parametrize(("text", "seconds"), [("5m", 300), ("90s", 90), ("1h30m", 5400)])
def test_intervals_of_the_model(text: str, seconds: float) -> None:
    assert duration(text) == seconds


def test_columns_are_as_wide_as_their_cells() -> None:
    assert table([("A", "Long"), ("wide", "x")]) == "A     Long\nwide  x\n"


def test_yaml_keeps_long_lines_and_letters() -> None:
    assert render({"a": "ü" * 200}, "yaml") == f"a: {'ü' * 200}\n"
    assert render({"a": 1}, "json") == '{"a": 1}\n'


def test_an_empty_model_says_so() -> None:
    model = {"name": "sandbox", "controller": "c", "cloud": "l", "version": "3", "sla": "u"}
    tree = {"model": model, "controller": {"timestamp": "2026-01-01T01:02:03Z"}, "applications": {}}
    assert "is empty" in status_tables(tree, relations=False)
