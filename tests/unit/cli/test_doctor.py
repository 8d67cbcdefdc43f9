import json
import secrets
from pathlib import Path

import psycopg
import pytest
import yaml

from identity_server.diagnosis import database as looking
from identity_server.diagnosis.secret_strength import WEAK_BITS, bits, is_example
from identity_server.storage import migrate
from live_server import configuration, free_port

STRONG = {kind: [secrets.token_hex(16)] for kind in ("default", "cookie", "cipher")}


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Path:
    return write(tmp_path, dsn)


def write(folder: Path, dsn: str, **more: object) -> Path:
    values = configuration(dsn, 4433, 4434, {"secrets": STRONG})
    file = folder / "kratos.yml"
    file.write_text(yaml.safe_dump({**values, **more}))
    return file


def examined(run, config: Path, *flags: str) -> tuple[int, dict[str, dict]]:
    ran = run("doctor", "-c", config, "--format", "json", *flags)
    rows: dict[str, dict] = {}
    for row in ran.json:
        rows.setdefault(row["check"], row)
    return ran.status, rows


@pytest.fixture
def mail(tmp_path: Path):
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink

    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


def test_a_server_that_has_all_it_needs_is_well(run, dsn, tmp_path, mail):
    migrate.up(dsn)
    courier = {"smtp": {"connection_uri": f"smtp://127.0.0.1:{mail}/?disable_starttls=true"}}
    status, rows = examined(run, write(tmp_path, dsn, courier=courier))
    assert status == 0, rows
    assert {check: row["state"] for check, row in rows.items()} == {
        "configuration": "ok",
        "identity schemas": "ok",
        "database": "ok",
        "migrations": "ok",
        "clock": "ok",
        "mail": "warning",
        "secrets.default": "ok",
        "secrets.cookie": "ok",
        "secrets.cipher": "ok",
    }
    assert "without encryption" in rows["mail"]["detail"]
    assert ("PostgreSQL" if dsn.startswith("postgres") else "SQLite") in rows["database"]["detail"]


def test_the_table_has_a_line_for_each_check(run, config, dsn):
    migrate.up(dsn)
    lines = run("doctor", "-c", config).out.splitlines()
    assert lines[0].split() == ["CHECK", "STATE", "DETAIL"]
    assert any(line.startswith("migrations") and " ok " in line for line in lines)


def test_what_is_wrong_is_named_and_fails_the_command(run, config):
    status, rows = examined(run, config)
    assert status == 1
    assert (rows["migrations"]["state"], rows["mail"]["state"]) == ("wrong", "wrong")
    assert "kratos migrate sql -e --yes" in rows["migrations"]["detail"]
    assert "127.0.0.1:1: the mail server cannot be reached" in rows["mail"]["detail"]
    assert run("doctor", "-c", config, "-q").out.splitlines() == ["migrations", "mail"]


def test_a_database_that_is_away_is_told_without_its_password(run, tmp_path):
    config = write(tmp_path, "postgres://kratos:hunter2@127.0.0.1:1/kratos")
    ran = run("doctor", "-c", config, "--format", "json")
    rows = {row["check"]: row["state"] for row in ran.json}
    assert ran.status == 1
    assert (rows["database"], rows["migrations"], rows["clock"]) == ("wrong", "skipped", "skipped")
    assert "hunter2" not in ran.out + ran.err


def test_a_configuration_that_cannot_be_used_is_told_whole(run, config):
    values = yaml.safe_load(config.read_text())
    config.write_text(yaml.safe_dump({**values, "sessn": {}, "log": {"level": "loud"}}))
    ran = run("doctor", "-c", config, "--format", "json")
    wrong = [row["detail"] for row in ran.json if row["state"] == "wrong"]
    assert ran.status == 1
    assert any(text.startswith("sessn:") for text in wrong)
    assert any(text.startswith("log.level:") for text in wrong)
    assert {row["state"] for row in ran.json} == {"wrong", "skipped"}


def test_a_schema_that_cannot_be_used_is_told(run, dsn, tmp_path):
    schemas = {
        "schemas": [
            {
                "id": "default",
                "url": "base64://e30K",
            },
            {"id": "bad", "url": "file:///none.json"},
        ]
    }
    status, rows = examined(run, write(tmp_path, dsn, identity=schemas))
    assert (status, rows["identity schemas"]["state"]) == (1, "wrong")


@pytest.mark.parametrize(
    ("kind", "secret", "state"),
    [
        ("cookie", "PLEASE-CHANGE-ME-I-AM-VERY-INSECURE", "wrong"),
        ("cipher", "32-LONG-SECRET-NOT-SECURE-AT-ALL", "wrong"),
        ("cookie", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "wrong"),
        ("cookie", "abcdefghijklmnopqrstuvwxyz012345", "wrong"),
        ("cookie", "hunter2hunter2hunter2", "wrong"),
        ("cookie", "mississippi-river", "warning"),
    ],
)
def test_secrets_that_can_be_guessed_are_told_and_never_shown(run, dsn, tmp_path, kind, secret, state):
    migrate.up(dsn)
    config = write(tmp_path, dsn, secrets={**STRONG, kind: [secret]})
    _, rows = examined(run, config)
    assert rows[f"secrets.{kind}"]["state"] == state
    assert secret not in json.dumps(rows)
    _, rows = examined(run, config, "--dev")
    assert rows[f"secrets.{kind}"]["state"] == "warning"


def test_one_secret_for_two_purposes_is_told(run, config, dsn):
    values = yaml.safe_load(config.read_text())
    values["secrets"]["cookie"] = values["secrets"]["default"]
    config.write_text(yaml.safe_dump(values))
    ran = run("doctor", "-c", config, "--format", "json")
    assert any("use each for one purpose" in row["detail"] for row in ran.json if row["check"] == "secrets.cookie")


def test_random_secrets_are_strong():
    for _ in range(200):
        secret = secrets.token_hex(16)
        assert bits(secret) > WEAK_BITS
        assert not is_example(secret)


def test_a_clock_that_was_set_back_is_told(run, config, dsn):
    migrate.up(dsn)
    future = "2999-01-01T00:00:00.000000Z"
    owner = (
        "INSERT INTO identities (id, schema_id, state, state_changed_at, traits, verifiable_addresses,"
        " recovery_addresses, created_at, updated_at) VALUES ('i','d','active','x','{}','[]','[]','x','x')"
    )
    session = (
        "INSERT INTO sessions (id, identity_id, token_hash, active, aal, authentication_methods, devices, issued_at,"
        f" authenticated_at, expires_at, created_at, updated_at) VALUES ('s','i','h',1,'aal1','[]','[]','{future}',"
        f" '{future}', '{future}', '{future}', '{future}')"
    )
    if dsn.startswith("sqlite"):
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(dsn.removeprefix("sqlite://"))) as connection, connection:
            connection.execute(owner)
            connection.execute(session)
    else:
        with psycopg.connect(dsn) as connection:
            connection.execute(owner)
            connection.execute(session)
    status, rows = examined(run, config)
    assert (status, rows["clock"]["state"]) == (1, "wrong")
    assert "set back" in rows["clock"]["detail"]


@pytest.mark.anyio
async def test_a_clock_that_differs_from_the_databases_is_told(postgres_dsn):
    import asyncio
    from datetime import timedelta

    from identity_server import times
    from identity_server.storage.opening import open_database

    await asyncio.to_thread(migrate.up, postgres_dsn)
    database = open_database(postgres_dsn)
    try:
        for shift, state in ((0, "ok"), (-30, "wrong"), (30, "wrong"), (4, "warning")):
            clock = lambda shift=shift: times.system_clock() + timedelta(seconds=shift)  # noqa: E731
            found = {each.check: each.state async for each in looking.findings(database, clock)}
            assert found["clock"] == state, shift
    finally:
        await database.close()
