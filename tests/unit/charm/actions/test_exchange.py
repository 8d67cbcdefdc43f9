import json
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from unit.charm.admin_stub import AdminStub
from unit.charm.states import create_state, serving


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The unit's storage."""
    (tmp_path / "exchange").mkdir()
    return tmp_path


@pytest.fixture
def state(data: Path) -> testing.State:
    mounts = {"data": testing.Mount(location="/var/lib/kratos", source=data)}
    return create_state(containers=[serving(mounts=mounts)])


def lines(data: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "exchange" / name).read_text(encoding="utf-8").split("\n") if line]


FULL = {
    "schema_id": "admin_v0",
    "state": "inactive",
    "traits": {"email": "ann@shop.test", "name": "Änn\u2028"},
    "metadata_public": {"a": 1},
    "metadata_admin": {"b": None},
    "external_id": "crm-1",
    "verifiable_addresses": [
        {"id": "1", "value": "ann@shop.test", "via": "email", "verified": True, "status": "completed"}
    ],
    "recovery_addresses": [{"id": "2", "value": "ann@shop.test", "via": "email", "created_at": "now"}],
    "credentials": {
        "password": {"identifiers": ["ann"], "config": {"hashed_password": "$2a$..."}},
        "oidc": {"config": {"providers": [{"subject": "1", "provider": "google", "initial_id_token": "t"}]}},
        "lookup_secret": {"config": {"recovery_codes": [{"code": "c"}]}},
        "totp": {"config": {"totp_url": "otpauth://x"}},
        "webauthn": {"config": {}},
    },
}


def test_everything_but_credentials(run: Any, admin: AdminStub, state: testing.State, data: Path) -> None:
    admin.add(**FULL)
    results = run("export-identities", state, file="people.jsonl")
    assert results == {"file": "/var/lib/kratos/exchange/people.jsonl", "count": "1"}
    (line,) = lines(data, "people.jsonl")
    assert line == {
        **{
            key: FULL[key]
            for key in ("schema_id", "state", "traits", "metadata_public", "metadata_admin", "external_id")
        },
        "verifiable_addresses": [{"value": "ann@shop.test", "via": "email", "verified": True, "status": "completed"}],
        "recovery_addresses": [{"value": "ann@shop.test", "via": "email"}],
    }


def test_credentials_when_asked_for(run: Any, admin: AdminStub, state: testing.State, data: Path) -> None:
    admin.add(**FULL)
    run("export-identities", state, file="people.jsonl", with_credentials=True)
    (line,) = lines(data, "people.jsonl")
    assert line["credentials"] == {
        "password": {"config": {"hashed_password": "$2a$..."}},
        "oidc": {"config": {"providers": [{"subject": "1", "provider": "google"}]}},
        "lookup_secret": {"config": {"codes": [{"code": "c"}]}},
        "totp": {"config": {"totp_url": "otpauth://x"}},
    }


def test_all_pages_go_into_a_file_of_the_day(run: Any, admin: AdminStub, state: testing.State, data: Path) -> None:
    for number in range(600):
        admin.add(email=f"p{number}@shop.test")
    results = run("export-identities", state)
    assert results["count"] == "600"
    assert len(lines(data, results["file"].rpartition("/")[2])) == 600


def test_the_file_is_for_the_server_alone(run: Any, admin: AdminStub, state: testing.State, monkeypatch: Any) -> None:
    import ops

    modes: dict[str, int] = {}
    monkeypatch.setattr(ops.Container, "push", lambda _, path, text, **more: modes.update({path: more["permissions"]}))
    run("export-identities", state, file="x")
    assert modes == {"/var/lib/kratos/exchange/x": 0o600}


def test_what_was_exported_can_be_imported(run: Any, admin: AdminStub, state: testing.State, data: Path) -> None:
    admin.add(**FULL)
    admin.add(email="bob@shop.test")
    run("export-identities", state, file="people.jsonl", with_credentials=True)
    admin.identities.clear()
    results = run("import-identities", state, file="people.jsonl")
    assert results == {"created": "2", "existing": "0", "failed": "0"}
    assert {one["traits"]["email"] for one in admin.identities.values()} == {"ann@shop.test", "bob@shop.test"}


def test_who_exists_is_left_alone(run: Any, admin: AdminStub, state: testing.State, data: Path) -> None:
    identity_id = admin.add(email="ann@shop.test")
    before = dict(admin.identities[identity_id])
    (data / "exchange" / "in").write_text('{"schema_id": "s", "traits": {"email": "ann@shop.test"}}\n\n')
    assert run("import-identities", state, file="in")["existing"] == "1"
    assert admin.identities == {identity_id: before}


def test_bad_lines_are_named_and_the_good_ones_stay(
    refusal: Any, admin: AdminStub, state: testing.State, data: Path, context: testing.Context[Any]
) -> None:
    good = '{"schema_id": "s", "traits": {"email": "a@shop.test"}}'
    (data / "exchange" / "in").write_text(f"{good}\n{{\n[1]\n")
    assert refusal("import-identities", state, file="in") == "2 lines could not be imported"
    assert context.action_results == {
        "created": "1",
        "existing": "0",
        "failed": "2",
        "errors.line-2": "not JSON",
        "errors.line-3": "not a JSON object",
    }


def test_the_reason_of_the_server_is_shown_for_a_line(
    refusal: Any, admin: AdminStub, state: testing.State, data: Path, context: testing.Context[Any]
) -> None:
    (data / "exchange" / "in").write_text("{}\n" * 30)
    admin.refuse("POST .*", 400, "no schema_id")
    refusal("import-identities", state, file="in")
    assert context.action_results
    shown = [value for key, value in context.action_results.items() if key.startswith("errors.")]
    assert shown == ["no schema_id"] * 20
    assert context.action_results["failed"] == "30"


def test_a_file_that_is_not_there(refusal: Any, state: testing.State) -> None:
    assert "juju scp" in refusal("import-identities", state, file="missing")


@pytest.mark.parametrize("name", ["../kratos.sqlite", "/etc/passwd", "a/b", ".hidden", "a\nb"])
@pytest.mark.parametrize("action", ["export-identities", "import-identities"])
def test_a_file_is_a_plain_name(refusal: Any, action: str, name: str) -> None:
    assert "file must be a plain name" in refusal(action, file=name)
