"""Every action that works on one identity names it the same way, and refuses the same way."""

import uuid
from typing import Any

import pytest
from ops import pebble, testing

from unit.charm.admin_stub import AdminStub
from unit.charm.states import container, create_state, serving

NAMING = {
    "get-identity": {},
    "delete-identity": {},
    "reset-password": {},
    "reset-identity-mfa": {"mfa_type": "totp"},
    "invalidate-identity-sessions": {},
    "list-oidc-accounts": {},
    "unlink-oidc-account": {"credential_id": "google:1"},
}
each = pytest.mark.parametrize(("name", "params"), NAMING.items())


@each
def test_an_unknown_id_is_named(refusal: Any, name: str, params: dict[str, str]) -> None:
    missing = str(uuid.uuid4())
    assert refusal(name, identity_id=missing, **params) == f"There is no identity {missing}"


@each
def test_an_unknown_address_is_named(refusal: Any, name: str, params: dict[str, str]) -> None:
    assert (
        refusal(name, email="nobody@shop.test", **params)
        == "There is no identity with the e-mail address nobody@shop.test"
    )


@each
def test_an_ambiguous_address_lists_the_ids(refusal: Any, admin: AdminStub, name: str, params: dict[str, str]) -> None:
    first, second = admin.add(), admin.add()
    said = refusal(name, email="person@shop.test", **params)
    assert "Several identities" in said and first in said and second in said


@each
@pytest.mark.parametrize("given", [{}, {"identity_id": str(uuid.uuid4()), "email": "person@shop.test"}])
def test_exactly_one_of_id_and_address(refusal: Any, name: str, params: dict[str, str], given: dict[str, str]) -> None:
    assert refusal(name, **params, **given).endswith("give either identity-id or email, and only one of them")


@each
def test_an_id_is_a_uuid(refusal: Any, admin: AdminStub, name: str, params: dict[str, str]) -> None:
    assert "identity-id must be a UUID" in refusal(name, identity_id="../admin", **params)
    assert admin.calls == []


@each
@pytest.mark.parametrize("given", [container(), container(can_connect=False)], ids=["stopped", "unreachable"])
def test_a_server_that_does_not_run_is_said_first(
    refusal: Any, name: str, params: dict[str, str], given: testing.Container
) -> None:
    state = create_state(containers=[given])
    assert refusal(name, state, email="person@shop.test", **params).startswith("The server is not ready")


@each
def test_a_server_that_does_not_answer(
    refusal: Any, monkeypatch: pytest.MonkeyPatch, name: str, params: dict[str, str]
) -> None:
    # Port 1 of the loopback interface: nothing listens there.
    monkeypatch.setattr("identity_charm.admin_client.BASE_URL", "http://127.0.0.1:1")
    assert refusal(name, email="person@shop.test", **params) == "The server refuses: the server does not answer"


@each
def test_the_reason_of_the_server_reaches_the_operator(
    refusal: Any, admin: AdminStub, name: str, params: dict[str, str]
) -> None:
    admin.refuse("GET /identities", 503, "the database is gone")
    assert refusal(name, email="person@shop.test", **params) == "The server refuses: the database is gone"


def test_a_failing_ready_check_counts_as_not_ready(refusal: Any) -> None:

    checks = {testing.CheckInfo("ready", failures=3, threshold=3, status=pebble.CheckStatus.DOWN)}
    state = create_state(containers=[serving(check_infos=checks)])
    assert refusal("get-identity", state, email="person@shop.test").startswith("The server is not ready")
