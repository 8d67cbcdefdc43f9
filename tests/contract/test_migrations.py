"""Migrations can be run again, at once, and after a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect

import postgres
from identity_server.errors import StorageError
from identity_server.storage import migrate, tables
from identity_server.storage.dsn import BadDSN
from live_server import PROGRAM


def test_a_second_run_has_nothing_to_do(dsn: str) -> None:
    assert migrate.up(dsn) == [version for version, _, _ in migrate.status(dsn)]
    assert migrate.up(dsn) == []
    assert {state for _, _, state in migrate.status(dsn)} == {"applied"}


def test_what_was_applied_can_be_taken_back(dsn: str) -> None:
    applied = migrate.up(dsn)
    assert migrate.down(dsn, 0) == []
    assert migrate.down(dsn, 1) == applied[-1:]
    assert migrate.status(dsn)[-1][2] == "pending"
    assert migrate.down(dsn, 99) == applied[:-1]
    assert migrate.up(dsn) == applied


def test_the_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    migrate.up(f"sqlite://{tmp_path}/a.sqlite")
    made = inspect(create_engine(f"sqlite:///{tmp_path}/a.sqlite"))
    for table in tables.metadata.tables.values():
        columns = {column["name"]: column["nullable"] for column in made.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name
        assert {i["name"] for i in made.get_indexes(table.name)} >= {index.name for index in table.indexes}
        assert len(made.get_unique_constraints(table.name)) == sum(bool(column.unique) for column in table.columns)
        assert len(made.get_foreign_keys(table.name)) == len(table.foreign_keys)


#: Ends itself by SIGKILL before the statement of a number; without a number it counts them.
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from identity_server.storage import migrate
seen, last = 0, int(sys.argv[2])
@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)
migrate.up(sys.argv[1])
print(seen)
"""


def run_until(dsn: str, statement: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, dsn, str(statement)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def schema_of(dsn: str) -> str:
    """Everything that was made, as the database itself describes it."""
    if dsn.startswith("sqlite"):
        connection = sqlite3.connect(dsn.removeprefix("sqlite://"))
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        connection.close()
        return "\n".join(f"{kind} {name}: {sql}" for kind, name, sql in rows)
    folder = postgres.programs()
    assert folder is not None
    done = subprocess.run([folder / "pg_dump", "-s", dsn], capture_output=True, text=True, timeout=60, check=True)
    # Newer versions put a random word around the dump.
    return "\n".join(line for line in done.stdout.splitlines() if "restrict" not in line)


def emptied(dsn: str) -> str:
    """The same database without anything in it."""
    if dsn.startswith("sqlite"):
        for path in Path(dsn.removeprefix("sqlite://")).parent.glob("kratos.sqlite*"):
            path.unlink()
    else:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    return dsn


def test_f12_a_run_that_is_killed_at_any_point_is_finished_by_the_next(dsn: str) -> None:
    whole = run_until(emptied(dsn), 0)
    assert whole.returncode == 0, whole.stderr
    expected, statements = schema_of(dsn), int(whole.stdout)
    for tenths in (1, 2, 4, 5, 6, 8):
        killed = run_until(emptied(dsn), max(1, statements * tenths // 10))
        assert killed.returncode == -signal.SIGKILL
        assert migrate.up(dsn) == [version for version, _, _ in migrate.status(dsn)], "half of it was kept"
        assert schema_of(dsn) == expected


def test_f13_three_runs_at_once_all_succeed(dsn: str) -> None:
    migrate.up(emptied(dsn))
    expected = schema_of(dsn)
    emptied(dsn)
    command = [PROGRAM, "migrate", "sql", "-e", "--yes"]
    runs = [
        subprocess.Popen(command, env={**os.environ, "DSN": dsn}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert not any(word in part for parts in said for part in parts for word in (b"deadlock", b"Traceback", b"locked"))
    assert schema_of(dsn) == expected


@pytest.mark.parametrize(
    ("dsn", "error"),
    [
        ("mysql://u@h/d", BadDSN),
        ("", BadDSN),
        ("postgres://u@127.0.0.1/d?max_conns=many", BadDSN),
        ("postgres://u@127.0.0.1/d?colour=red", BadDSN),
        ("sqlite:///no/such/folder/k.sqlite", StorageError),
        ("postgres://u:geheim@127.0.0.1:1/d", StorageError),
    ],
)
def test_a_database_that_cannot_be_had_is_a_clear_error(dsn: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        migrate.up(dsn)
    assert str(caught.value)
    assert "geheim" not in str(caught.value)
