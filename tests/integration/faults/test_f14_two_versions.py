"""F14: two versions of the server on one database, while the units of an application are refreshed one by one.

Migrations only ever add what an older server does not need to know of; what a later release will do is played here.
"""

import re
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpx2
import psycopg
import pytest

from live_server import PROGRAM, LiveServer, create_identity, live_server

LATER = "9001"
EXPANSION = (
    "ALTER TABLE identities ADD COLUMN of_a_later_release TEXT",
    "ALTER TABLE sessions ADD COLUMN of_a_later_release TEXT DEFAULT 'x'",
    "CREATE TABLE of_a_later_release (id TEXT PRIMARY KEY, identity_id TEXT REFERENCES identities (id))",
    "CREATE INDEX of_a_later_release_index ON identities (of_a_later_release)",
    f"UPDATE schema_version SET version_num = '{LATER}'",
)


def execute(dsn: str, statements: Sequence[str]) -> None:
    """As the later release's migration does it, in one transaction."""
    if dsn.startswith("sqlite"):
        with sqlite3.connect(dsn.removeprefix("sqlite://")) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(dsn.replace("postgres://", "postgresql://")) as database:
        for statement in statements:
            database.execute(statement)  # type: ignore[call-overload]


def sign_in(server: LiveServer, email: str) -> str:
    """The token of a new session."""
    flow = httpx2.get(server.public + "self-service/login/api").json()
    body = {"method": "password", "identifier": email, "password": "wind-9-Mill-Sail"}
    answer = httpx2.post(f"{server.public}self-service/login?flow={flow['id']}", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_token"])


def whoami(server: LiveServer, token: str) -> int:
    return httpx2.get(server.public + "sessions/whoami", headers={"X-Session-Token": token}).status_code


def test_f14_a_running_server_goes_on_while_the_tables_change_under_it(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn) as server:
        create_identity(server, "before@shop.test")
        token = sign_in(server, "before@shop.test")
        execute(dsn, EXPANSION)
        assert whoami(server, token) == 200
        assert httpx2.get(server.admin + "admin/health/ready").status_code == 200
        create_identity(server, "after@shop.test")
        assert whoami(server, sign_in(server, "after@shop.test")) == 200


def test_f14_an_older_server_starts_on_newer_tables_and_says_so(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn) as server:
        create_identity(server, "before@shop.test")
        token = sign_in(server, "before@shop.test")
    execute(dsn, EXPANSION)
    # The start includes `migrate sql`, which has nothing to do and takes nothing back.
    with live_server(tmp_path, dsn) as server:
        assert whoami(server, token) == 200
        assert whoami(server, sign_in(server, "before@shop.test")) == 200
        written = server.log.read_text()
    assert "newer server made the tables" in written and LATER in written


def test_f14_an_older_program_takes_nothing_back(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn) as server:
        config = server.config
    execute(dsn, EXPANSION)
    done = subprocess.run(
        [PROGRAM, "migrate", "sql", "down", "--steps", "1", "--yes", "-c", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert LATER in done.stderr


@pytest.mark.parametrize("arguments", [["serve"], ["courier", "watch"]])
def test_f14_a_newer_server_is_not_ready_on_older_tables(
    tmp_path: Path, postgres_dsn: str, arguments: list[str]
) -> None:
    """Of PostgreSQL: an embedded database is migrated by the server that starts on it."""
    with live_server(tmp_path, postgres_dsn) as server:
        config = server.config
    execute(postgres_dsn, ["UPDATE schema_version SET version_num = '0000'"])
    done = subprocess.run(
        [PROGRAM, *arguments, "-c", str(config)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert "at version 0000" in done.stderr and "kratos migrate sql -e --yes" in done.stderr


def test_f14_no_migration_takes_anything_from_the_release_before() -> None:
    folder = Path(__file__).parents[3] / "src/identity_server/storage/migrations/versions"
    first, *later = sorted(folder.glob("0*.py"))
    assert first.name.startswith("0001")
    for path in later:
        text = path.read_text(encoding="utf-8").partition("def upgrade")[2].partition("def downgrade")[0]
        # What stands in tables of its own is nothing that an older server writes.
        forwards = re.sub(r"op\.create_table\(.*?\n    \)", "", text, flags=re.DOTALL)
        for taken in ("drop_table", "drop_column", "rename_table", "new_column_name", "nullable=False"):
            assert taken not in forwards, f"{path.name} has {taken}: an older server may still need what was there"
