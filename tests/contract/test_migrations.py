"""Migrations can be run again, at once, and after a kill."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect

from identity_server.errors import StorageError
from identity_server.storage import migrate, tables
from identity_server.storage.dsn import BadDSN


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


def test_f13_three_runs_at_once_all_succeed(dsn: str) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        outcomes = pool.map(migrate.up, [dsn] * 3)
    assert sorted(map(len, outcomes)) == [0, 0, len(migrate.status(dsn))]


@pytest.mark.parametrize("delay", [0.1, 0.25, 0.35, 0.4, 0.45, 0.5])
def test_f12_a_killed_run_is_finished_by_the_next(dsn: str, delay: float) -> None:
    program = f"from identity_server.storage import migrate; migrate.up({dsn!r})"
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    time.sleep(delay)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    migrate.up(dsn)
    assert {state for _, _, state in migrate.status(dsn)} == {"applied"}
    assert table_names(dsn) == {*tables.metadata.tables, migrate.VERSION_TABLE}


def table_names(dsn: str) -> set[str]:
    if dsn.startswith("sqlite"):
        with sqlite3.connect(dsn.removeprefix("sqlite://")) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        connection.close()
    else:
        with psycopg.connect(dsn) as other:
            rows = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


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
