"""A database of Ory Kratos 26.2: its tables are set aside, its identities come along and sign in as before."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import yaml

from identity_server.storage import migrate
from integration.moving.kratos_database import ANN, BOB, PASSWORD, fill
from live_server import PROGRAM, configuration, free_port, live_server


@pytest.fixture
def kratos(postgres_dsn: str) -> Iterator["psycopg.Connection[Any]"]:
    """A database as Kratos leaves it, with two people."""
    with psycopg.connect(postgres_dsn.replace("postgres://", "postgresql://"), autocommit=True) as database:
        fill(database)
        yield database


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, timeout=120)


def test_nothing_is_moved_unless_somebody_says_so(kratos: "psycopg.Connection[Any]", postgres_dsn: str) -> None:
    done = command("migrate", "sql", "up", postgres_dsn, "--yes")
    assert done.returncode != 0
    assert "--set-aside-kratos" in done.stderr
    assert kratos.execute("SELECT count(*) FROM public.identities").fetchone() == (2,)


def test_people_come_along_and_the_old_tables_stay_as_they_were(
    kratos: "psycopg.Connection[Any]", postgres_dsn: str, tmp_path: Path
) -> None:
    config, people = tmp_path / "kratos.yml", tmp_path / "people.jsonl"
    config.write_text(yaml.safe_dump(configuration(postgres_dsn, free_port(), free_port())))
    for words in (
        ("migrate", "sql", "up", postgres_dsn, "--yes", "--set-aside-kratos"),
        ("migrate", "sql", "up", postgres_dsn, "--yes", "--set-aside-kratos"),
        ("identities", "export", "--kratos-tables", "--with-credentials", "-o", str(people), "-c", str(config)),
        ("identities", "import", str(people), "-c", str(config)),
    ):
        done = command(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert kratos.execute("SELECT count(*) FROM ory_kratos.identities").fetchone() == (2,)
    assert "6162" not in people.read_text()

    with live_server(tmp_path, postgres_dsn) as server:
        query = {"include_credential": ["oidc", "password"]}
        ann = httpx2.get(f"{server.admin}admin/identities/{ANN}", params=query).json()
        assert (ann["external_id"], ann["metadata_public"]) == ("crm-7", {"plan": "gold"})
        assert ann["created_at"].startswith("2024-05-06T07:08:09.123456")
        assert ann["verifiable_addresses"][0]["verified"] is True
        assert ann["credentials"]["oidc"]["identifiers"] == ["google:1"]
        assert httpx2.get(f"{server.admin}admin/identities/{BOB}").json()["state"] == "inactive"
        flow = httpx2.get(server.public + "self-service/login/api").json()
        body = {"method": "password", "identifier": "ann@shop.test", "password": PASSWORD}
        answer = httpx2.post(f"{server.public}self-service/login?flow={flow['id']}", json=body)
        assert answer.status_code == 200, answer.text


def tables(dsn: str, *more: str) -> dict[str, Any]:
    done = command("migrate", "sql", "tables", dsn, "--format", "json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_server_says_whose_tables_it_finds(kratos: "psycopg.Connection[Any]", postgres_dsn: str) -> None:
    every = len(migrate.status("memory"))
    assert tables(postgres_dsn) == {"tables": "kratos", "pending": every, "set_aside": "none"}
    assert kratos.execute("SELECT count(*) FROM public.identities").fetchone() == (2,), "looking changes nothing"
    command("migrate", "sql", "up", postgres_dsn, "--yes", "--set-aside-kratos")
    assert tables(postgres_dsn) == {"tables": "ours", "pending": 0, "set_aside": "waiting"}
    assert tables(postgres_dsn, "--taken-over")["set_aside"] == "taken-over"
    assert tables(postgres_dsn)["set_aside"] == "taken-over"
    command("migrate", "sql", "down", postgres_dsn, "--yes", "--steps", "1")
    assert tables(postgres_dsn)["pending"] == 1


def test_in_an_empty_database_and_in_a_file_it_finds_nothing(postgres_dsn: str, tmp_path: Path) -> None:
    for dsn in (postgres_dsn, f"sqlite://{tmp_path}/new.sqlite"):
        assert tables(dsn)["tables"] == "none"
        done = command("migrate", "sql", "tables", dsn, "--taken-over")
        assert done.returncode != 0 and "no tables of Ory Kratos are set aside" in done.stderr


def test_a_second_try_takes_only_those_that_are_missing(
    kratos: "psycopg.Connection[Any]", postgres_dsn: str, tmp_path: Path
) -> None:
    config = tmp_path / "kratos.yml"
    config.write_text(yaml.safe_dump(configuration(postgres_dsn, free_port(), free_port())))
    command("migrate", "sql", "up", postgres_dsn, "--yes", "--set-aside-kratos")
    kratos.execute("UPDATE ory_kratos.identities SET schema_id = 'gone' WHERE id = %s", (BOB,))
    assert take_over(config, tmp_path / "first.jsonl").returncode == 1, "one row is refused"
    kratos.execute("UPDATE ory_kratos.identities SET schema_id = 'default' WHERE id = %s", (BOB,))
    assert take_over(config, tmp_path / "second.jsonl").returncode == 0
    (line,) = (tmp_path / "second.jsonl").read_text().splitlines()
    assert json.loads(line)["id"] == BOB
    assert take_over(config, tmp_path / "third.jsonl").returncode == 0, "an empty file is no failure"
    assert kratos.execute("SELECT count(*) FROM public.identities").fetchone() == (2,)


def take_over(config: Path, file: Path) -> "subprocess.CompletedProcess[str]":
    words = ("--kratos-tables", "--missing", "--with-credentials", "-o", str(file), "-c", str(config))
    exported = command("identities", "export", *words)
    assert exported.returncode == 0, exported.stderr
    return command("identities", "import", str(file), "-c", str(config))


def test_only_tables_set_aside_can_be_missing_here(tmp_path: Path) -> None:
    done = command("identities", "export", "--missing", "-c", str(tmp_path / "none.yml"))
    assert done.returncode != 0 and "--missing goes with --kratos-tables" in done.stderr


def test_without_such_tables_the_export_says_so(postgres_dsn: str, tmp_path: Path) -> None:
    with live_server(tmp_path, postgres_dsn) as server:
        done = command("identities", "export", "--kratos-tables", "-c", str(server.config))
    assert done.returncode != 0 and "No tables of Ory Kratos" in done.stderr


def test_a_file_of_kratos_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "kratos.sqlite") as database:
        for name in ("schema_migration", "networks", "identity_credential_types"):
            database.execute(f"CREATE TABLE {name} (id text)")
    database.close()
    done = command("migrate", "sql", "up", f"sqlite://{tmp_path}/kratos.sqlite", "--yes", "--set-aside-kratos")
    assert done.returncode != 0 and "use another file" in done.stderr
