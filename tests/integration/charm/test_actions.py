"""Every action against the real server, and its effect on those whom it is about."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
import requests
from ops import testing

from unit.charm.states import serving

SECRET = testing.Secret({"password": "a-new-long-password"}, id="secret:pw", owner=None)
ACCOUNT = {"username": "ann", "email": "ann@shop.test", "password": "a-long-password"}


@pytest.fixture
def server(serve: Any) -> Any:
    return serve(secrets=[SECRET])


def test_the_guide_from_beginning_to_end(server: Any) -> None:
    identity_id = server.run("create-admin-account", **ACCOUNT)["identity-id"]
    assert server.run("get-identity", identity_id=identity_id)["traits.email"] == "ann@shop.test"
    assert server.run("get-identity", email="ann@shop.test")["id"] == identity_id
    session = server.log_in("ann", "a-long-password")
    assert session.status_code == 200
    assert server.log_in("ann@shop.test", "a-long-password").status_code == 200
    token = session.json()["session_token"]
    assert server.whoami(token) == 200

    server.run("reset-password", email="ann@shop.test", password_secret_id="secret:pw")
    assert server.whoami(token) == 401, "setting a password ends all sessions"
    assert server.log_in("ann", "a-long-password").status_code == 400
    token = server.log_in("ann", "a-new-long-password").json()["session_token"]

    for kind in ("totp", "lookup_secret", "webauthn"):
        assert server.run("reset-identity-mfa", identity_id=identity_id, mfa_type=kind)["identity-id"] == identity_id

    assert server.run("invalidate-identity-sessions", email="ann@shop.test")["invalidated"] == "true"
    assert server.whoami(token) == 401
    assert server.run("invalidate-identity-sessions", email="ann@shop.test")["invalidated"] == "false"

    assert server.run("delete-identity", email="ann@shop.test") == {"id": identity_id}
    assert "There is no identity" in server.refusal("get-identity", identity_id=identity_id)
    assert server.log_in("ann", "a-new-long-password").status_code == 400


def test_a_recovery_code_instead_of_a_password(server: Any) -> None:
    account = {key: value for key, value in ACCOUNT.items() if key != "password"}
    results = server.run("create-admin-account", **account)
    assert set(results) == {"identity-id", "recovery-link", "recovery-code", "expires-at"}
    assert len(results["recovery-code"]) == 6
    assert "recovery-code" in server.run("reset-password", email="ann@shop.test")


def test_resetting_a_password_keeps_all_else(server: Any) -> None:
    body = {
        "schema_id": "social_user_v0",
        "traits": {"email": "bob@shop.test", "name": "Bob"},
        "metadata_public": {"plan": "gold"},
        "metadata_admin": {"note": "vip"},
        "external_id": "crm-7",
        "state": "inactive",
    }
    made = server.call("POST", "/identities", body).json()
    server.run("reset-password", identity_id=made["id"], password_secret_id="secret:pw")
    found = server.call("GET", f"/identities/{made['id']}").json()
    assert {key: found[key] for key in body} == body


def test_the_servers_own_reason(server: Any) -> None:
    server.run("create-admin-account", **ACCOUNT)
    assert server.run("create-admin-account", **ACCOUNT)["existed"] == "true"
    assert "exists" in server.refusal("create-admin-account", **{**ACCOUNT, "username": "other"})
    said = server.refusal("create-admin-account", username="x", email="no address", password="a-long-password")
    assert said.startswith("The server refuses: ") and "email" in said


def test_an_account_that_is_kept_out(server: Any) -> None:
    server.run("create-admin-account", **ACCOUNT)
    token = server.log_in("ann", "a-long-password").json()["session_token"]
    assert server.run("set-identity-state", email="ann@shop.test", state="inactive")["state"] == "inactive"
    assert server.whoami(token) == 401
    assert server.log_in("ann", "a-long-password").status_code == 401
    server.run("set-identity-state", email="ann@shop.test", state="active")
    assert server.log_in("ann", "a-long-password").status_code == 200


def test_lists(server: Any) -> None:
    ids = set()
    for number in range(5):
        account = {"username": f"u{number}", "email": f"u{number}@shop.test"}
        ids.add(server.run("create-admin-account", **account)["identity-id"])
    seen: set[str] = set()
    token = ""
    while True:
        results = server.run("list-identities", page_size=2, **({"page_token": token} if token else {}))
        seen |= {key.split(".")[1] for key in results if key.startswith("identities.")}
        token = results.get("next-page-token", "")
        if not token:
            break
    assert seen == ids
    assert server.run("list-identities", identifier="u3@shop.test")["count"] == "1"
    assert server.run("list-identities", similar="u")["count"] == "5"
    assert server.run("list-sessions", email="u3@shop.test")["count"] == "0"
    assert server.run("list-courier-messages")["count"] == "0"
    assert server.run("list-courier-messages", status="queued", recipient="x@shop.test")["count"] == "0"


def test_sessions_are_listed_with_their_devices(server: Any) -> None:
    server.run("create-admin-account", **ACCOUNT)
    server.log_in("ann", "a-long-password")
    results = server.run("list-sessions", email="ann@shop.test", active=True)
    assert results["count"] == "1"
    assert any(key.endswith(".devices") and "127.0.0.1" in value for key, value in results.items())


def test_linked_accounts(server: Any) -> None:
    body = {
        "schema_id": "social_user_v0",
        "traits": {"email": "bob@shop.test"},
        "credentials": {
            "oidc": {"config": {"providers": [{"provider": "google", "subject": "1"}]}},
            "password": {"config": {"password": "a-long-password"}},
        },
    }
    server.call("POST", "/identities", body).raise_for_status()
    assert server.run("list-oidc-accounts", email="bob@shop.test")["identifiers"] == "google:1"
    removed = server.run("unlink-oidc-account", email="bob@shop.test", credential_id="google:1")["removed"]
    assert removed == "true"
    assert "identifiers" not in server.run("list-oidc-accounts", email="bob@shop.test")


def test_export_and_import(serve: Any, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "exchange").mkdir(parents=True)
    mounts = {"data": testing.Mount(location="/var/lib/kratos", source=data)}
    server = serve(containers=[serving(mounts=mounts)])
    server.run("create-admin-account", **ACCOUNT)
    body = {"schema_id": "social_user_v0", "traits": {"email": "bob@shop.test"}, "metadata_public": {"a": 1}}
    server.call("POST", "/identities", body).raise_for_status()
    assert server.run("export-identities", file="all.jsonl", with_credentials=True)["count"] == "2"
    lines = [json.loads(line) for line in (data / "exchange/all.jsonl").read_text().splitlines()]
    assert {line["traits"]["email"] for line in lines} == {"ann@shop.test", "bob@shop.test"}

    for email in ("ann@shop.test", "bob@shop.test"):
        server.run("delete-identity", email=email)
    assert server.run("import-identities", file="all.jsonl")["created"] == "2"
    assert server.log_in("ann", "a-long-password").status_code == 200
    assert server.run("get-identity", email="bob@shop.test")["metadata-public.a"] == "1"
    assert server.run("import-identities", file="all.jsonl")["existing"] == "2"


def test_nobody_signs_up_unless_the_operator_wants_it(server: Any) -> None:
    answer = requests.get(f"{server.public}/self-service/registration/api", timeout=10)
    assert answer.status_code == 400


def test_an_id_that_does_not_exist(server: Any) -> None:
    assert "There is no identity" in server.refusal("delete-identity", identity_id=str(uuid.uuid4()))


def test_the_audit_trail(serve: Any) -> None:
    server = serve(config={"enable_audit_trail": True})
    made = server.run("create-admin-account", **ACCOUNT)["identity-id"]
    assert server.log_in("ann", "not-her-password").status_code == 400
    server.run("set-identity-state", email="ann@shop.test", state="inactive")
    results = server.run("list-audit", email="ann@shop.test")
    told = [value for key, value in results.items() if key.endswith(".event")]
    assert told[-2:] == ["LoginFailed", "IdentityCreated"] and "IdentityUpdated" in told
    assert {value for key, value in results.items() if key.endswith(".identity-id")} == {made}
    assert "a-long-password" not in str(results) and "not-her-password" not in str(results)
    assert server.run("list-audit", event="LoginFailed", result="failure")["count"] == "1"
    assert "must be one of" in server.refusal("list-audit", event="Nothing")
