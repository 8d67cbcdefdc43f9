import sqlite3
from pathlib import Path

import pytest

from identity_server.storage import migrate


@pytest.fixture
def dsn(tmp_path: Path) -> str:
    return f"sqlite://{tmp_path}/kratos.sqlite?_fk=true"


def tables(dsn: str) -> set[str]:
    with sqlite3.connect(dsn.removeprefix("sqlite://").partition("?")[0]) as connection:
        found = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    connection.close()
    return found


@pytest.mark.parametrize(
    "args",
    [
        ["migrate", "sql", "-e", "--yes"],
        ["migrate", "sql", "up", "-e", "--yes"],
        ["migrate", "sql", "-y", "{dsn}"],
        ["migrate", "sql", "up", "{dsn}", "--yes"],
        ["-c", "{file}", "migrate", "sql", "-e", "--yes"],
        ["migrate", "-c", "{file}", "sql", "-e", "--yes"],
        ["migrate", "sql", "-e", "--yes", "--config", "{file}"],
    ],
)
def test_the_database_is_brought_up_to_date_in_every_spelling(run, dsn, tmp_path, args):
    file = tmp_path / "kratos.yml"
    file.write_text(f"dsn: {dsn}\n")
    env = {"DSN": dsn} if "-c" not in args and "--config" not in args else {}
    ran = run(*(arg.format(dsn=dsn, file=file) for arg in args), env=env)
    assert (ran.status, ran.err) == (0, "")
    assert "Applied: " in ran.out
    assert "identities" in tables(dsn)
    assert "up to date already" in run("migrate", "sql", dsn, "--yes").out


def test_keys_that_this_release_does_not_know_do_not_matter(run, dsn, tmp_path: Path):
    file = tmp_path / "kratos.yml"
    file.write_text(f"dsn: {dsn}\nno_such_key: true\nsession: {{lifespan: never}}\n")
    assert run("migrate", "sql", "-e", "--yes", "-c", file).status == 0


def test_the_environment_goes_over_the_file(run, dsn, tmp_path: Path):
    file = tmp_path / "kratos.yml"
    file.write_text("dsn: sqlite:///no/such/folder/db\n")
    assert run("migrate", "sql", "-e", "--yes", "-c", file, env={"DSN": dsn}).status == 0


@pytest.mark.parametrize(
    "args", [["migrate", "sql", "-e", "--yes"], ["migrate", "sql", "--yes"], ["migrate", "sql", "status"]]
)
def test_without_a_database_it_says_how_to_name_one(run, args):
    ran = run(*args)
    assert ran.status == 1
    assert "environment variable DSN" in ran.err


def test_without_yes_it_shows_what_is_missing_and_asks(run, dsn):
    ran = run("migrate", "sql", dsn, stdin="n\n")
    assert ran.status == 1
    assert "Apply these" in ran.out
    assert "identities" not in tables(dsn)
    assert run("migrate", "sql", dsn, stdin="y\n").status == 0
    assert run("migrate", "sql", dsn).out == "The database is up to date.\n"


def test_the_state_is_shown_as_a_table_and_as_json(run, dsn):
    assert {row["status"] for row in run("migrate", "sql", "status", dsn, "--format", "json").json} == {"pending"}
    run("migrate", "sql", "--yes", dsn)
    lines = run("migrate", "sql", "status", "-e", env={"DSN": dsn}).out.splitlines()
    assert lines[0].split() == ["VERSION", "NAME", "STATUS"]
    assert all(line.endswith("applied") for line in lines[1:])
    assert run("migrate", "sql", "status", dsn, "--block").status == 0


def test_status_waits_until_another_process_is_done(run, dsn, monkeypatch: pytest.MonkeyPatch):
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        migrate.up(dsn)

    monkeypatch.setattr("identity_server.cli.migrate.time.sleep", sleep)
    ran = run("migrate", "sql", "status", dsn, "--block")
    assert "pending" not in ran.out
    assert len(pauses) == 1


def test_down_takes_back_as_many_as_asked(run, dsn):
    run("migrate", "sql", "--yes", dsn)
    assert "--steps" in run("migrate", "sql", "down", dsn, "--yes").out
    assert "identities" in tables(dsn)
    refused = run("migrate", "sql", "down", dsn, "--steps", "99", stdin="n\n")
    assert refused.status == 1
    assert "identities" in tables(dsn)
    assert "Taken back: " in run("migrate", "sql", "down", dsn, "--steps", "99", "--yes").out
    assert "identities" not in tables(dsn)


@pytest.mark.parametrize(
    ("dsn", "says"),
    [
        ("oracle://user:hunter2@db/x", "the scheme 'oracle' is unknown"),
        ("sqlite:///no/such/folder/db.sqlite", "/no/such/folder"),
        ("postgres://user:hunter2@127.0.0.1:1/kratos", "postgres://user:(hidden)@127.0.0.1:1/kratos"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(run, dsn, says):
    ran = run("migrate", "sql", "--yes", dsn)
    assert ran.status == 1
    assert says in ran.err
    assert "hunter2" not in ran.err
    assert "Traceback" not in ran.err


def test_an_unreadable_configuration_is_told(run, tmp_path: Path):
    ran = run("migrate", "sql", "-e", "--yes", "-c", tmp_path / "none.yml")
    assert ran.status == 1
    assert "none.yml cannot be read" in ran.err
