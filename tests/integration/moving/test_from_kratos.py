"""A database of Ory Kratos 26.2: its tables are set aside, its identities come along and sign in as before."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import httpx2
import psycopg
import pytest
import yaml

from identity_server.storage import migrate
from live_server import PROGRAM, configuration, free_port, live_server

NETWORK, TYPE, OIDC, TOTP = (str(uuid.uuid4()) for _ in range(4))
ANN, BOB = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
MADE = "2024-05-06 07:08:09.123456"
#: The columns that an import needs, as that server makes them.
TABLES = """
CREATE TABLE schema_migration (version varchar(48), version_self int);
CREATE TABLE networks (id uuid PRIMARY KEY, created_at timestamp, updated_at timestamp);
CREATE TABLE identities (id uuid PRIMARY KEY, nid uuid REFERENCES networks (id), schema_id varchar(2048), traits jsonb,
    state varchar(255), state_changed_at timestamp, metadata_public jsonb, metadata_admin jsonb,
    available_aal varchar(4), organization_id uuid, external_id varchar(64), created_at timestamp,
    updated_at timestamp);
CREATE TABLE identity_credential_types (id uuid PRIMARY KEY, name varchar(32));
CREATE TABLE identity_credentials (id uuid PRIMARY KEY, nid uuid, identity_id uuid REFERENCES identities (id),
    identity_credential_type_id uuid REFERENCES identity_credential_types (id), config jsonb, version int,
    created_at timestamp, updated_at timestamp);
CREATE TABLE identity_credential_identifiers (id uuid PRIMARY KEY, nid uuid, identity_id uuid,
    identity_credential_id uuid REFERENCES identity_credentials (id), identity_credential_type_id uuid,
    identifier varchar(255), created_at timestamp, updated_at timestamp);
CREATE TABLE identity_verifiable_addresses (id uuid PRIMARY KEY, nid uuid, identity_id uuid, value varchar(400),
    via varchar(16), status varchar(16), verified boolean, verified_at timestamp, created_at timestamp,
    updated_at timestamp);
CREATE TABLE identity_recovery_addresses (id uuid PRIMARY KEY, nid uuid, identity_id uuid, value varchar(400),
    via varchar(16), created_at timestamp, updated_at timestamp);
CREATE TABLE sessions (id uuid PRIMARY KEY, nid uuid, identity_id uuid, token varchar(39));
"""


@pytest.fixture
def kratos(postgres_dsn: str) -> Iterator["psycopg.Connection[Any]"]:
    """A database as Kratos leaves it, with two people."""
    with psycopg.connect(postgres_dsn.replace("postgres://", "postgresql://"), autocommit=True) as database:
        database.execute(TABLES)  # type: ignore[arg-type]
        database.execute("INSERT INTO networks VALUES (%s, %s, %s)", (NETWORK, MADE, MADE))
        for kind, name in ((TYPE, "password"), (OIDC, "oidc"), (TOTP, "totp")):
            database.execute("INSERT INTO identity_credential_types VALUES (%s, %s)", (kind, name))
        person(database, ANN, "ann@shop.test", external_id="crm-7", metadata_public={"plan": "gold"})
        person(database, BOB, "bob@shop.test", state="inactive")
        hashed = bcrypt.hashpw(b"wind-9-Mill-Sail", bcrypt.gensalt(4)).decode()
        credential(database, ANN, TYPE, {"hashed_password": hashed}, "ann@shop.test")
        link = {"provider": "google", "subject": "1", "initial_access_token": "6162", "initial_id_token": ""}
        credential(database, ANN, OIDC, {"providers": [link]}, "google:1")
        yield database


def person(database: "psycopg.Connection[Any]", number: str, email: str, **more: Any) -> None:
    row = {"state": "active", "external_id": None, "metadata_public": None, **more}
    database.execute(
        "INSERT INTO identities (id, nid, schema_id, traits, state, state_changed_at, metadata_public, external_id,"
        " created_at, updated_at) VALUES (%s, %s, 'default', %s, %s, %s, %s, %s, %s, %s)",
        (
            *(number, NETWORK, json.dumps({"email": email}), row["state"], MADE),
            *(json.dumps(row["metadata_public"]) if row["metadata_public"] else None, row["external_id"], MADE, MADE),
        ),
    )
    database.execute(
        "INSERT INTO identity_verifiable_addresses VALUES (%s, %s, %s, %s, 'email', 'completed', true, %s, %s, %s)",
        (str(uuid.uuid4()), NETWORK, number, email, MADE, MADE, MADE),
    )
    database.execute(
        "INSERT INTO identity_recovery_addresses VALUES (%s, %s, %s, %s, 'email', %s, %s)",
        (str(uuid.uuid4()), NETWORK, number, email, MADE, MADE),
    )


def credential(database: "psycopg.Connection[Any]", number: str, kind: str, config: Any, identifier: str) -> None:
    made = str(uuid.uuid4())
    database.execute(
        "INSERT INTO identity_credentials VALUES (%s, %s, %s, %s, %s, 0, %s, %s)",
        (made, NETWORK, number, kind, json.dumps(config), MADE, MADE),
    )
    database.execute(
        "INSERT INTO identity_credential_identifiers VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (str(uuid.uuid4()), NETWORK, number, made, kind, identifier, MADE, MADE),
    )


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
        body = {"method": "password", "identifier": "ann@shop.test", "password": "wind-9-Mill-Sail"}
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
