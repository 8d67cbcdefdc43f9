from typing import Any

import pytest
from ops import testing

from unit.charm.admin_stub import AdminStub
from unit.charm.states import create_state

ACCOUNT = {"username": "ann", "email": "ann@shop.test"}
PASSWORD = testing.Secret({"password": "correct horse"}, id="secret:pw", owner=None)


def test_get_identity_by_id_and_by_address(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add(traits={"email": "ann@shop.test", "name": {"first": "Ann"}}, credentials={"password": {}})
    assert run("get-identity", identity_id=identity_id) == {
        "id": identity_id,
        "schema-id": "social_user_v0",
        "state": "active",
        "traits.email": "ann@shop.test",
        "traits.name.first": "Ann",
    }
    assert run("get-identity", email="ann@shop.test")["id"] == identity_id


def test_traits_that_juju_cannot_spell_are_shown_all_the_same(run: Any, admin: AdminStub) -> None:
    traits = {
        "email": "a@shop.test",
        "Größe": 3,
        "first_name": "Ann",
        "first-name": "An",
        "tags": ["x"],
        "ok": False,
        "": "e",
    }
    results = run("get-identity", identity_id=admin.add(traits=traits))
    shown = {key.removeprefix("traits."): value for key, value in results.items() if key.startswith("traits.")}
    assert shown == {
        "email": "a@shop.test",
        "gr-e": "3",
        "first-name": "Ann",
        "first-name-2": "An",
        "tags": '["x"]',
        "ok": "false",
        "x": "e",
    }


def test_delete_identity(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add()
    assert run("delete-identity", identity_id=identity_id) == {"id": identity_id}
    assert admin.identities == {}


def test_delete_identity_that_vanishes_meanwhile(refusal: Any, admin: AdminStub) -> None:
    identity_id = admin.add()
    admin.refuse("DELETE .*", 404, "gone")
    assert refusal("delete-identity", identity_id=identity_id) == "The server refuses: gone"


def test_create_admin_account_as_the_guide_writes_it(run: Any, admin: AdminStub) -> None:
    results = run("create-admin-account", **ACCOUNT, password="correct horse")
    (created,) = admin.identities.values()
    assert results == {"identity-id": created["id"]}
    assert created["schema_id"] == "admin_v0"
    assert created["traits"] == {"username": "ann", "email": "ann@shop.test"}
    assert created["credentials"]["password"]["config"] == {"password": "correct horse"}


def test_create_admin_account_with_a_secret_and_all_details(run: Any, admin: AdminStub) -> None:
    state = create_state(secrets=[PASSWORD])
    run(
        "create-admin-account",
        state,
        **ACCOUNT,
        password_secret_id="secret:pw",
        name="Ann Shop",
        phone_number="+49 30 1",
    )
    (created,) = admin.identities.values()
    assert created["traits"] == {**ACCOUNT, "name": "Ann Shop", "phone_number": "+49 30 1"}
    assert created["credentials"]["password"]["config"] == {"password": "correct horse"}


def test_create_admin_account_without_password_gives_a_code(run: Any, admin: AdminStub) -> None:
    results = run("create-admin-account", **ACCOUNT)
    (created,) = admin.identities.values()
    assert "credentials" not in created
    assert results == {
        "identity-id": created["id"],
        "recovery-link": "http://kratos/recovery?flow=1",
        "recovery-code": "123456",
        "expires-at": "soon",
    }


def test_create_admin_account_where_another_one_is_in_the_way(refusal: Any, admin: AdminStub) -> None:
    admin.refuse("POST /identities", 409, "exists")
    said = refusal("create-admin-account", **ACCOUNT)
    assert said.startswith("An account with the name ann or the address ann@shop.test exists")
    assert "delete-identity" in said


def test_create_admin_account_twice_leaves_the_account_as_it_is(
    run: Any, admin: AdminStub, context: testing.Context[Any]
) -> None:
    first = run("create-admin-account", **ACCOUNT, password="correct horse")
    before = dict(admin.identities[first["identity-id"]])
    second = run("create-admin-account", **ACCOUNT, password="another one altogether")
    assert second == {**first, "existed": "true"}
    assert "its password too" in context.action_logs[-1]
    assert admin.identities == {first["identity-id"]: before}


def test_create_admin_account_that_the_schema_refuses(refusal: Any, admin: AdminStub) -> None:
    admin.refuse("POST /identities", 400, "I[#/traits/email] is not valid email")
    assert refusal("create-admin-account", **ACCOUNT) == "The server refuses: I[#/traits/email] is not valid email"


def test_create_admin_account_without_a_code_says_what_to_do(
    refusal: Any, admin: AdminStub, context: testing.Context[Any]
) -> None:
    admin.refuse("POST /recovery/code", 500, "no code")
    said = refusal("create-admin-account", **ACCOUNT)
    assert "The account exists now" in said and "no code" in said and "reset-password" in said
    assert context.action_results == {"identity-id": next(iter(admin.identities))}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"password": "a", "password_secret_id": "secret:pw"}, "give either password or password-secret-id"),
        ({"username": ""}, "username: "),
        ({"email": ""}, "email: "),
    ],
)
def test_create_admin_account_with_bad_parameters(
    refusal: Any, admin: AdminStub, params: dict[str, str], said: str
) -> None:
    assert said in refusal("create-admin-account", **{**ACCOUNT, **params})
    assert admin.calls == []


def test_a_password_never_shows_in_a_refusal(refusal: Any, context: testing.Context[Any]) -> None:
    said = refusal("create-admin-account", username="", email="ann@shop.test", password="correct horse")
    assert "correct horse" not in said + str(context.juju_log)
