"""Imports into a database and exports out of it, as the command line does them."""

import contextlib
import json
import os
import sqlite3
import stat
from pathlib import Path

import psycopg
import pytest
import yaml

from identity_server.storage import migrate
from identity_server.transfer import importing
from live_server import SCHEMA, configuration

HASH = "$2a$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
ID = "3f0f7d5c-6d4a-4a3b-8b0e-5f8f5d1c2a10"
KEY_ID = "7f0f7d5c-6d4a-4a3b-8b0e-5f8f5d1c2a10"
PROPERTIES = {
    **SCHEMA["properties"]["traits"]["properties"],
    "age": {"type": "integer"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "username": {"type": "string", "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}}},
}
RICH = {
    "id": ID,
    "schema_id": "default",
    "state": "inactive",
    "state_changed_at": "2024-02-01T00:00:00Z",
    "external_id": "x-1",
    "organization_id": "4f0f7d5c-6d4a-4a3b-8b0e-5f8f5d1c2a10",
    "traits": {"email": "Ada@B.test", "age": 36, "tags": ["a"]},
    "metadata_public": {"plan": "gold"},
    "metadata_admin": {"note": "ü"},
    "created_at": "2024-01-01T00:00:00Z",
    "updated_at": "2024-03-01T00:00:00.5Z",
    "verifiable_addresses": [
        {
            "id": "5f0f7d5c-6d4a-4a3b-8b0e-5f8f5d1c2a10",
            "value": "ada@b.test",
            "via": "email",
            "verified": True,
            "status": "completed",
            "verified_at": "2024-01-02T00:00:00Z",
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-02T00:00:00Z",
        }
    ],
    "recovery_addresses": [{"id": "6f0f7d5c-6d4a-4a3b-8b0e-5f8f5d1c2a10", "value": "ada@b.test", "via": "email"}],
    "credentials": {
        "password": {"config": {"hashed_password": HASH}, "created_at": "2024-01-03T00:00:00Z"},
        "oidc": {"config": {"providers": [{"provider": "g", "subject": "1", "initial_id_token": "token-1"}]}},
        "totp": {"config": {"totp_url": "otpauth://totp/a?secret=AAAABBBBCCCCDDDD", "last_step": 7}},
        "lookup_secret": {"config": {"recovery_codes": [{"code": "abcd1234"}, {"code": "efgh", "used_at": "2024"}]}},
        "webauthn": {"config": {"credentials": [{"id": "AA==", "public_key": "BB=="}], "user_handle": "CC=="}},
        "passkey": {"config": {"credentials": [{"id": "DD==", "public_key": "EE=="}]}, "identifiers": ["handle"]},
        "api_key": {"config": {"keys": [{"id": KEY_ID, "name": "robot", "key_hash": "0" * 64}]}},
    },
}


def write(folder: Path, name: str, dsn: str, **more: object) -> Path:
    values = configuration(dsn, 4433, 4434)
    schema = json.loads(json.dumps(SCHEMA))
    schema["properties"]["traits"] |= {"properties": PROPERTIES, "required": []}
    (folder / "schema.json").write_text(json.dumps(schema))
    values["identity"]["schemas"] = [{"id": "default", "url": f"file://{folder}/schema.json"}]
    values |= more
    file = folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(values))
    migrate.up(dsn)
    return file


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Path:
    return write(tmp_path, "kratos", dsn, ciphers={"algorithm": "xchacha20-poly1305"})


@pytest.fixture
def lines(tmp_path: Path):
    def save(*items: object, name: str = "in.jsonl") -> Path:
        file = tmp_path / name
        file.write_text("".join(f"{item if isinstance(item, str) else json.dumps(item)}\n" for item in items))
        return file

    return save


def person(email: str, **more: object) -> dict:
    return {"traits": {"email": email}, **more}


def exported(run, config: Path, tmp_path: Path, *flags: str) -> list[dict]:
    out = tmp_path / f"out-{len(list(tmp_path.iterdir()))}.jsonl"
    ran = run("identities", "export", "-c", config, "-o", out, *flags)
    assert ran.status == 0, ran.err
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_an_export_restores_everything_under_other_secrets(run, config, lines, tmp_path):
    assert run("identities", "import", lines(RICH, person("b@b.test")), "-c", config).status == 0
    first = exported(run, config, tmp_path, "--with-credentials")
    (ada,) = [each for each in first if each["id"] == ID]
    assert ada["created_at"] == "2024-01-01T00:00:00.000000Z"
    assert ada["updated_at"] == "2024-03-01T00:00:00.500000Z"
    assert ada["state_changed_at"] == "2024-02-01T00:00:00.000000Z"
    assert (ada["state"], ada["external_id"], ada["metadata_admin"]) == ("inactive", "x-1", {"note": "ü"})
    (address,) = ada["verifiable_addresses"]
    assert (address["id"], address["verified"], address["verified_at"]) == (
        RICH["verifiable_addresses"][0]["id"],
        True,
        "2024-01-02T00:00:00Z",
    )
    credentials = ada["credentials"]
    assert credentials["password"]["config"] == {"hashed_password": HASH}
    assert credentials["password"]["identifiers"] == ["ada@b.test"]
    assert credentials["oidc"]["identifiers"] == ["g:1"]
    assert credentials["oidc"]["config"]["providers"][0]["initial_id_token"] == "token-1"
    assert credentials["totp"]["config"] == RICH["credentials"]["totp"]["config"]
    assert credentials["lookup_secret"]["config"]["recovery_codes"][1] == {"code": "efgh", "used_at": "2024"}
    assert credentials["passkey"]["identifiers"] == ["handle"]
    assert credentials["api_key"]["identifiers"] == [KEY_ID]
    assert credentials["api_key"]["config"]["keys"][0]["key_hash"] == "0" * 64

    secrets = {"default": ["another-secret-of-tests"], "cipher": ["another-cipher-secret-of-tests-3"]}
    other = write(tmp_path, "other", f"sqlite://{tmp_path}/other.sqlite", secrets=secrets)
    assert run("identities", "import", lines(*first, name="again.jsonl"), "-c", other).status == 0
    assert exported(run, other, tmp_path, "--with-credentials") == first


def test_secrets_are_sealed_in_the_database(run, config, lines, dsn):
    assert run("identities", "import", lines(RICH), "-c", config).status == 0
    rows = queried(dsn, "SELECT config FROM identity_credentials")
    text = "".join(row[0] for row in rows)
    assert HASH in text
    for secret in ("token-1", "AAAABBBBCCCCDDDD", "abcd1234"):
        assert secret not in text


def test_an_import_is_in_the_audit_trail(run, lines, tmp_path, dsn):
    audited = write(tmp_path, "audited", dsn, audit={"enabled": True})
    people = [person(f"p{number}@b.test") for number in range(60)]
    ran = run("identities", "import", lines(*people, person("p1@b.test")), "-c", audited, "--format", "json")
    assert (ran.status, ran.json["imported"]) == (1, 60)
    query = "SELECT actor, event, identity_id FROM audit_events"
    if dsn.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(dsn.removeprefix("sqlite://"))) as connection:
            rows = connection.execute(query).fetchall()
    else:
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(query).fetchall()
    assert {row[:2] for row in rows} == {("command_line", "IdentityCreated")}
    assert {row[2] for row in rows} == {each["id"] for each in exported(run, audited, tmp_path)}


def test_without_credentials_an_export_has_none(run, config, lines, tmp_path):
    run("identities", "import", lines(RICH), "-c", config)
    (ada,) = exported(run, config, tmp_path)
    assert "credentials" not in ada
    assert HASH not in json.dumps(ada)


def test_an_export_rather_fails_than_leaves_secrets_out(run, config, lines, tmp_path, dsn):
    run("identities", "import", lines(RICH), "-c", config)
    lost = {"default": ["a-default-secret-of-tests"], "cipher": ["a-cipher-secret-that-is-new-32-c"]}
    other = write(tmp_path, "other", dsn, secrets=lost, ciphers={"algorithm": "xchacha20-poly1305"})
    out = tmp_path / "out.jsonl"
    ran = run("identities", "export", "-c", other, "-o", out, "--with-credentials")
    assert (ran.status, out.exists()) == (1, False)
    assert f"The identity {ID} has a secret that no secret of secrets.cipher opens" in ran.err


def test_an_export_never_overwrites(run, config, tmp_path):
    (tmp_path / "out").write_text("mine")
    ran = run("identities", "export", "-c", config, "-o", tmp_path / "out")
    assert (ran.status, (tmp_path / "out").read_text()) == (1, "mine")
    assert "exists already" in ran.err


BAD = [
    ("{", "no JSON"),
    (person("nobody"), "not an e-mail address"),
    (person("a@b.test", state="gone"), "The state must be"),
    (person("a@b.test", schema_id="none"), "no identity schema"),
    (person("a@b.test", nonsense=1), "nonsense: this member is unknown"),
    (person("a@b.test", id="1"), "id: this must be a UUID"),
    (person("a@b.test", created_at="yesterday"), "created_at: this must be a time"),
    (person("a@b.test", credentials={"magic": {"config": {}}}), "there is no such credential"),
    (person("a@b.test", credentials={"password": {"config": {"hashed_password": "$2a$99$x"}}}), "cannot be imported"),
    (
        person("a@b.test", credentials={"totp": {"config": {"totp_url": "https://x"}}}),
        "credentials.totp.config: totp_url",
    ),
    (person("a@b.test", credentials={"webauthn": {"config": {"credentials": [{}]}}}), "needs id and public_key"),
    (person("a@b.test", credentials={"oidc": {"config": {"providers": [{"provider": "g"}]}}}), "providers.0.subject"),
    (person("a@b.test", credentials={"password": {"config": {"password": "x" * 100}}}), "too long"),
    (person("a@b.test", credentials={"api_key": {"config": {"keys": [{"id": ID, "key_hash": "x"}]}}}), "key_hash"),
    (person("a@b.test", metadata_admin=json.loads("[" * 220 + "]" * 220)), "nested deeper"),
    ('{"traits":{"email":"\\ud800@b.test"}}', "no JSON"),
]


@pytest.mark.parametrize("dry", [True, False])
def test_every_refused_row_has_its_reason_and_the_others_go_in(run, config, lines, tmp_path, dry):
    file = lines(person("a@b.test"), *(item for item, _ in BAD), person("A@b.test"), person("c@b.test"))
    report = tmp_path / "report.jsonl"
    flags = ["--dry-run"] if dry else []
    ran = run("identities", "import", file, "-c", config, "--report", report, "--format", "json", *flags)
    assert ran.status == 1
    assert (ran.json["rows"], ran.json["imported"], ran.json["refused"]) == (len(BAD) + 3, 2, len(BAD) + 1)
    told = [json.loads(line) for line in report.read_text().splitlines()]
    assert [each["row"] for each in told] == list(range(2, len(BAD) + 3))
    for each, (_, why) in zip(told, BAD, strict=False):
        assert why in each["reason"], each
    assert "belongs to a row in front of this one" in told[-1]["reason"]
    assert stat.S_IMODE(os.stat(report).st_mode) == 0o600
    emails = {each["traits"]["email"] for each in exported(run, config, tmp_path)}
    assert emails == (set() if dry else {"a@b.test", "c@b.test"})


def test_without_a_report_reasons_are_sentences(run, config, lines):
    run("identities", "import", lines(person("a@b.test")), "-c", config)
    ran = run("identities", "import", lines(person("b@b.test"), person("a@b.test")), "-c", config)
    assert ran.status == 1
    assert ran.err.startswith("row 2 refused: The identifier 'a@b.test' (password) belongs to the identity ")


def test_a_rehearsal_finds_what_collides_with_the_database(run, config, lines):
    run("identities", "import", lines(person("a@b.test")), "-c", config)
    ran = run("identities", "import", lines(person("a@b.test"), person("b@b.test")), "-c", config, "--dry-run")
    assert (ran.status, ran.err.count("refused:")) == (1, 1)


def test_passwords_in_clear_text_are_hashed(run, config, lines, tmp_path):
    secret = "wind-9-Mill-Sail"
    rows = [person(f"a{n}@b.test", credentials={"password": {"config": {"password": secret}}}) for n in range(3)]
    assert run("identities", "import", lines(*rows), "-c", config).status == 0
    found = exported(run, config, tmp_path, "--with-credentials")
    hashes = {each["credentials"]["password"]["config"]["hashed_password"] for each in found}
    assert len(hashes) == 3
    assert all(text.startswith("$2a$12$") for text in hashes)


def test_a_table_fills_traits_in_their_types(run, config, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(f"Mail,age,tags.0,tags.1,hashed_password,verified\na@b.test,36,x,y,{HASH},true\nb@b.test,old,,,,\n")
    ran = run("identities", "import", file, "-c", config, "--trait", "email=Mail")
    assert ran.status == 1
    assert "row 2 refused" in ran.err
    (ada,) = exported(run, config, tmp_path, "--with-credentials")
    assert ada["traits"] == {"email": "a@b.test", "age": 36, "tags": ["x", "y"]}
    assert ada["verifiable_addresses"][0]["verified"] is True
    assert ada["credentials"]["password"]["config"] == {"hashed_password": HASH}


def test_a_realm_of_keycloak_comes_with_its_accounts(run, config, tmp_path):
    user = {"id": ID, "username": "ada", "email": "ada@b.test", "emailVerified": True, "attributes": {"age": ["36"]}}
    service = {"username": "service-account-x", "serviceAccountClientId": "x"}
    file = tmp_path / "realm.json"
    file.write_text(json.dumps({"realm": "r", "users": [user, service]}))
    ran = run("identities", "import", file, "-c", config, "--format", "json")
    assert (ran.status, ran.json["imported"], ran.json["skipped"]) == (0, 1, 1)
    (ada,) = exported(run, config, tmp_path)
    assert (ada["id"], ada["traits"]) == (ID, {"email": "ada@b.test", "username": "ada", "age": 36})
    assert ada["verifiable_addresses"][0]["verified"] is True


def test_a_document_that_breaks_keeps_what_came_before(run, config, tmp_path):
    file = tmp_path / "in.json"
    file.write_text('[{"traits":{"email":"a@b.test"}},')
    ran = run("identities", "import", file, "-c", config)
    assert ran.status == 1
    assert f"{file}: It is no JSON" in ran.err


@pytest.mark.parametrize("with_report", [True, False])
def test_an_interrupted_import_goes_on_and_refuses_nothing_twice(
    run, config, lines, tmp_path, monkeypatch, with_report
):
    monkeypatch.setattr(importing, "BATCH", 3)
    rows = [person(f"a{number}@b.test") for number in range(10)]
    rows[1] = rows[7] = {"traits": {"email": "nobody"}}
    file, report = lines(*rows), tmp_path / "report.jsonl"
    flags = ["--report", str(report)] if with_report else []
    source = importing.Import._stored
    done: list[object] = []

    async def cut(self, batch):
        if len(done) == 2:
            self._report.write(self.tally.report_bytes, batch.outcomes)  # and then the machine went away
            raise RuntimeError("gone")
        done.append(batch)
        await source(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(importing.Import, "_stored", cut)
        with pytest.raises(RuntimeError, match="gone"):
            run("identities", "import", file, "-c", config, *flags)
    ran = run("identities", "import", file, "-c", config, "--format", "json", *flags)
    assert "Going on behind row 6" in ran.err
    assert ran.status == 1
    assert (ran.json["rows"], ran.json["imported"], ran.json["refused"]) == (10, 8, 2)
    if with_report:
        assert [json.loads(line)["row"] for line in report.read_text().splitlines()] == [2, 8]
    assert len(exported(run, config, tmp_path)) == 8
    again = run("identities", "import", file, "-c", config, "--format", "json", "--restart", *flags)
    assert again.json["refused"] == 10


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["a", "b", "-c", "CONFIG"], "One file at a time"),
        (["-c", "CONFIG", "--input-format", "xml"], "--input-format must be one of"),
        (["-c", "CONFIG", "--trait", "email"], "--trait 'email' says nothing"),
        (["-c", "CONFIG", "--schema-id", "none", "a"], "no identity schema 'none'"),
        (["-c", "CONFIG", "-e", "http://127.0.0.1:1"], "Choose one way"),
        (["a", "-e", "http://127.0.0.1:1", "--dry-run"], "--dry-run needs the way into the database"),
        (["a"], "No server is named"),
        (["none.jsonl", "-c", "CONFIG"], "none.jsonl: It cannot be read: No such file"),
    ],
)
def test_what_does_not_fit_together_is_told(run, tmp_path, flags, why):
    config = write(tmp_path, "kratos", f"sqlite://{tmp_path}/kratos.sqlite")
    ran = run("identities", "import", *(str(config) if flag == "CONFIG" else flag for flag in flags))
    assert ran.status == 1
    assert why in ran.err


def test_a_database_that_is_behind_is_not_touched(run, tmp_path, lines):
    config = tmp_path / "kratos.yml"
    config.write_text(yaml.safe_dump(configuration(f"sqlite://{tmp_path}/new.sqlite", 4433, 4434)))
    ran = run("identities", "import", lines(person("a@b.test")), "-c", config)
    assert ran.status == 1
    assert "kratos migrate sql" in ran.err


def test_an_import_leaves_its_entries_in_the_trail(run, dsn, tmp_path, lines):
    config = write(tmp_path, "kratos", dsn, audit={"enabled": True})
    file = lines(person("a@b.test"), person("A@b.test"), person("b@b.test"))
    assert run("identities", "import", file, "-c", config, "--format", "json").json["imported"] == 2
    assert queried(dsn, "SELECT event, actor FROM audit_events") == [("IdentityCreated", "command_line")] * 2


def queried(dsn: str, query: str) -> list[tuple]:
    if dsn.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(dsn.removeprefix("sqlite://"))) as connection:
            return connection.execute(query).fetchall()
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()
