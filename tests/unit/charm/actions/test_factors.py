from typing import Any

import pytest

from unit.charm.admin_stub import AdminStub

LINKED = {"oidc": {"identifiers": ["google:1", "github:2"]}}


@pytest.mark.parametrize("kind", ["totp", "lookup_secret", "webauthn"])
def test_reset_identity_mfa_removes_that_factor_alone(run: Any, admin: AdminStub, kind: str) -> None:
    credentials = {"totp", "lookup_secret", "webauthn", "password"}
    identity_id = admin.add(credentials={name: {} for name in credentials})
    results = run("reset-identity-mfa", email="person@shop.test", mfa_type=kind)
    assert results == {"identity-id": identity_id, "removed": "true"}
    assert set(admin.identities[identity_id]["credentials"]) == credentials - {kind}


def test_reset_identity_mfa_without_the_factor_succeeds_and_says_so(run: Any, admin: AdminStub, context: Any) -> None:
    identity_id = admin.add()
    assert run("reset-identity-mfa", identity_id=identity_id, mfa_type="totp")["removed"] == "false"
    assert context.action_logs == [f"The identity {identity_id} has no such credential: totp"]


def test_reset_identity_mfa_refused_by_the_server(refusal: Any, admin: AdminStub) -> None:
    admin.add()
    admin.refuse("DELETE .*", 400, "not now")
    assert refusal("reset-identity-mfa", email="person@shop.test", mfa_type="totp") == "The server refuses: not now"


def test_list_oidc_accounts(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add(credentials=LINKED)
    assert run("list-oidc-accounts", identity_id=identity_id)["identifiers"] == "google:1\ngithub:2"


def test_list_oidc_accounts_without_any(run: Any, admin: AdminStub, context: Any) -> None:
    identity_id = admin.add()
    run("list-oidc-accounts", identity_id=identity_id)
    assert context.action_logs == [f"The identity {identity_id} has no linked accounts"]


def test_unlink_oidc_account(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add(credentials=dict(LINKED))
    assert run("unlink-oidc-account", identity_id=identity_id, credential_id="google:1")["removed"] == "true"
    assert admin.calls[-1] == f"DELETE /identities/{identity_id}/credentials/oidc"


def test_unlink_the_last_way_in_gives_the_reason_of_the_server(refusal: Any, admin: AdminStub) -> None:
    admin.add()
    admin.refuse("DELETE .*", 400, "it is the last first factor")
    said = refusal("unlink-oidc-account", email="person@shop.test", credential_id="google:1")
    assert said == "The server refuses: it is the last first factor"
