from typing import Any

import pytest
from ops import testing

from unit.charm.admin_stub import AdminStub
from unit.charm.states import create_state

PASSWORD = testing.Secret({"password": "correct horse"}, id="secret:pw", owner=None)


def test_with_a_secret_everything_else_is_kept(run: Any, admin: AdminStub) -> None:
    kept = {
        "schema_id": "admin_v0",
        "state": "inactive",
        "traits": {"email": "ann@shop.test", "username": "ann"},
        "metadata_public": {"plan": "gold"},
        "metadata_admin": {"note": "vip"},
        "external_id": "crm-7",
    }
    identity_id = admin.add(**kept)
    results = run(
        "reset-password", create_state(secrets=[PASSWORD]), identity_id=identity_id, password_secret_id="secret:pw"
    )
    changed = admin.identities[identity_id]
    assert {key: changed[key] for key in kept} == kept
    assert changed["credentials"] == {"password": {"config": {"password": "correct horse"}}}
    assert results["id"] == identity_id
    assert "correct horse" not in str(results)


def test_with_a_secret_all_sessions_end(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add()
    admin.sessions[identity_id] = 3
    run("reset-password", create_state(secrets=[PASSWORD]), email="person@shop.test", password_secret_id="secret:pw")
    assert admin.sessions == {}


def test_without_a_secret_a_code_is_made_and_nothing_else_changes(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add()
    before = dict(admin.identities[identity_id])
    assert set(run("reset-password", identity_id=identity_id)) == {"recovery-link", "recovery-code", "expires-at"}
    assert admin.identities[identity_id] == before
    assert admin.bodies[-1] == {"identity_id": identity_id, "expires_in": "1h"}


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ([], "cannot be read; grant it with: juju grant-secret NAME kratos"),
        ([testing.Secret({"passphrase": "x"}, id="secret:pw", owner=None)], 'has no key "password"'),
    ],
)
def test_a_secret_that_does_not_help(refusal: Any, admin: AdminStub, secrets: list[testing.Secret], said: str) -> None:
    admin.add()
    message = refusal(
        "reset-password", create_state(secrets=secrets), email="person@shop.test", password_secret_id="secret:pw"
    )
    assert said in message
    assert not any(call.startswith("PUT") for call in admin.calls)


@pytest.mark.parametrize("call", ["PUT .*", "DELETE .*/sessions"])
def test_a_refusal_of_the_server(refusal: Any, admin: AdminStub, call: str) -> None:
    admin.add()
    admin.refuse(call, 500, "out of order")
    state = create_state(secrets=[PASSWORD])
    assert "out of order" in refusal("reset-password", state, email="person@shop.test", password_secret_id="secret:pw")
