"""With OpenFGA related, an account is an administrator of the Admin UI for as long as it exists."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.admin_stub import AdminStub
from unit.charm.fga_stub import FgaStub
from unit.charm.states import create_state, openfga

TOKEN = testing.Secret({"token": "fga-token"}, id="secret:fga", owner=None)
ACCOUNT = {"username": "ann", "email": "ann@shop.test", "password": "correct horse"}


@pytest.fixture
def fga() -> Iterator[FgaStub]:
    with FgaStub() as stub:
        yield stub


@pytest.fixture
def state(fga: FgaStub) -> testing.State:
    return create_state(relations=[openfga(http_api_url=fga.url)], secrets=[TOKEN])


def pending(state: testing.State) -> list[str]:
    """The addresses of those who are still to become administrators."""
    (peers,) = state.get_relations("kratos-peers")
    noted = json.loads(peers.local_app_data.get("administrators", "{}"))
    return [one["email"] for one in noted.values() if not one["appointed"]]


def state_after(context: testing.Context[Any], state: testing.State, action: str, **params: Any) -> testing.State:
    """The state that an action leaves, whether it fails or not."""
    try:
        return context.run(context.on.action(action, params=params), state)
    except testing.ActionFailed as failed:
        assert failed.state is not None
        return failed.state


def test_a_new_account_becomes_one(run: Any, admin: AdminStub, fga: FgaStub, state: testing.State) -> None:
    assert run("create-admin-account", state, **ACCOUNT)["administrator"] == "true"
    assert fga.administrators() == {"user:ann@shop.test"}


def test_without_openfga_nothing_is_said_of_it(run: Any, admin: AdminStub) -> None:
    assert "administrator" not in run("create-admin-account", **ACCOUNT)


def test_an_account_from_before_becomes_one_when_the_action_runs_again(
    run: Any, admin: AdminStub, fga: FgaStub, state: testing.State, context: testing.Context[Any]
) -> None:
    first = run("create-admin-account", **ACCOUNT)
    second = run("create-admin-account", state, **ACCOUNT)
    assert second == {**first, "existed": "true", "administrator": "true"}
    assert "left as it is" in context.action_logs[-1]
    assert fga.administrators() == {"user:ann@shop.test"}


def test_the_action_may_run_again(run: Any, admin: AdminStub, fga: FgaStub, state: testing.State) -> None:
    first = run("create-admin-account", state, **ACCOUNT)
    second = run("create-admin-account", state, **ACCOUNT)
    assert second == {"identity-id": first["identity-id"], "existed": "true", "administrator": "false"}
    assert len(admin.identities) == 1 and fga.administrators() == {"user:ann@shop.test"}


def test_another_account_with_the_address_is_in_the_way(
    run: Any, refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    run("create-admin-account", state, **ACCOUNT)
    said = refusal("create-admin-account", state, **{**ACCOUNT, "username": "bob"})
    assert "the address ann@shop.test exists" in said and "delete-identity" in said


def test_whoever_signed_up_as_the_administrator_first_does_not_become_one(
    run: Any, refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    names = {"username": "ann", "email": "ann@shop.test"}
    metadata: Any = ["of", "others"]
    identity_id = admin.add(schema_id="admin_v0", traits=names, metadata_admin=metadata)
    said = refusal("create-admin-account", state, **ACCOUNT)
    assert "this action did not make it" in said and "adopt=true" in said
    assert fga.administrators() == set()

    admin.identities[identity_id]["metadata_admin"] = {"team": "shop"}
    adopted = run("create-admin-account", state, **ACCOUNT, adopt=True)
    assert adopted == {"identity-id": identity_id, "existed": "true", "administrator": "true"}
    kept = admin.identities[identity_id]["metadata_admin"]
    assert kept == {"team": "shop", "created_by": "create-admin-account"}
    assert run("create-admin-account", state, **ACCOUNT)["administrator"] == "false"


def test_somebody_elses_account_does_not_become_one(
    refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    admin.add(email="ann@shop.test")
    assert "exists" in refusal("create-admin-account", state, **ACCOUNT)
    assert fga.administrators() == set()


def test_who_is_deleted_is_none_any_more(run: Any, admin: AdminStub, fga: FgaStub, state: testing.State) -> None:
    run("create-admin-account", state, **ACCOUNT)
    run("delete-identity", state, email="ann@shop.test")
    assert fga.administrators() == set()
    assert admin.identities == {}


def test_deleting_who_is_none_changes_nothing(run: Any, admin: AdminStub, fga: FgaStub, state: testing.State) -> None:
    fga.tuples.add(("user:bob@shop.test", "admin", "privileged:superuser"))
    run("delete-identity", state, identity_id=admin.add())
    run("delete-identity", state, identity_id=admin.add(traits={"phone": "1"}))
    assert fga.administrators() == {"user:bob@shop.test"}


def test_nobody_is_deleted_while_openfga_does_not_answer(
    refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    admin.add(schema_id="admin_v0")
    fga.refusal = (500, {"code": "internal_error", "message": "out of order"})
    said = refusal("delete-identity", state, email="person@shop.test")
    assert said.startswith("Nothing was deleted") and "out of order" in said
    assert len(admin.identities) == 1


def test_ordinary_people_are_deleted_all_the_same(
    run: Any, admin: AdminStub, fga: FgaStub, state: testing.State, context: testing.Context[Any]
) -> None:
    admin.add()
    fga.refusal = (500, {"code": "internal_error", "message": "out of order"})
    run("delete-identity", state, email="person@shop.test")
    assert admin.identities == {}
    assert "out of order" in context.action_logs[-1]


def test_an_ordinary_account_that_is_an_administrator_loses_that_too(
    run: Any, admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    fga.tuples.add(("user:person@shop.test", "admin", "privileged:superuser"))
    run("delete-identity", state, identity_id=admin.add())
    assert fga.administrators() == set()


def test_who_cannot_be_deleted_stays_an_administrator(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    made = state_after(context, state, "create-admin-account", **ACCOUNT)
    admin.refuse("DELETE .*", 500, "the disk is full")
    with pytest.raises(testing.ActionFailed, match="the disk is full"):
        context.run(context.on.action("delete-identity", params={"email": "ann@shop.test"}), made)
    assert fga.administrators() == {"user:ann@shop.test"}
    assert len(admin.identities) == 1


def test_whose_deletion_was_not_answered_becomes_one_again_only_while_there(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    made = state_after(context, state, "create-admin-account", **ACCOUNT)
    admin.refuse("DELETE .*", 504, "no answer in time")
    (identity_id,) = admin.identities
    admin.refuse(f"GET /identities/{identity_id}", 503, "no answer at all")
    out = state_after(context, made, "delete-identity", email="ann@shop.test")
    assert fga.administrators() == set() and pending(out) == ["ann@shop.test"]
    admin.refusals.clear()
    del admin.identities[identity_id]
    admin.add(email="ann@shop.test")
    out = context.run(context.on.update_status(), out)
    assert fga.administrators() == set() and pending(out) == []


def test_whose_account_went_through_the_api_is_none_any_more(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    made = state_after(context, state, "create-admin-account", **ACCOUNT)
    assert fga.administrators() == {"user:ann@shop.test"}
    admin.identities.clear()
    admin.add(email="ann@shop.test")
    out = context.run(context.on.update_status(), made)
    assert fga.administrators() == set()
    (peers,) = out.get_relations("kratos-peers")
    assert "administrators" not in peers.local_app_data


def test_whoever_takes_another_address_leaves_the_rights_behind(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    made = state_after(context, state, "create-admin-account", **ACCOUNT)
    (account,) = admin.identities.values()
    account["traits"]["email"] = "else@shop.test"
    context.run(context.on.update_status(), made)
    assert fga.administrators() == set()


def test_a_new_account_of_the_same_address_keeps_its_rights(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    made = state_after(context, state, "create-admin-account", **ACCOUNT)
    admin.identities.clear()
    again = state_after(context, made, "create-admin-account", **ACCOUNT)
    context.run(context.on.update_status(), again)
    assert fga.administrators() == {"user:ann@shop.test"}


def test_while_openfga_is_down_those_who_are_gone_are_not_forgotten(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    made = state_after(context, state, "create-admin-account", **ACCOUNT)
    admin.identities.clear()
    fga.refusal = (500, {"message": "out of order"})
    down = context.run(context.on.update_status(), made)
    assert fga.administrators() == {"user:ann@shop.test"}
    fga.refusal = None
    context.run(context.on.update_status(), down)
    assert fga.administrators() == set()


def test_a_store_without_a_model_is_told_and_tried_again(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    fga.model = False
    given = {key.replace("_", "-"): value for key, value in ACCOUNT.items()}
    with pytest.raises(testing.ActionFailed, match=r"no model yet.*tried again by itself") as failed:
        context.run(context.on.action("create-admin-account", params=given), state)
    assert context.action_results == {"identity-id": next(iter(admin.identities))}
    waiting = failed.value.state
    assert waiting and pending(waiting) == ["ann@shop.test"]
    still = context.run(context.on.update_status(), waiting)
    assert still.unit_status == ops.WaitingStatus(
        "Waiting for the model in OpenFGA's store to make an account an administrator"
    )
    fga.model = True
    done = context.run(context.on.update_status(), still)
    assert done.unit_status == ops.ActiveStatus()
    assert pending(done) == [] and fga.administrators() == {"user:ann@shop.test"}


def test_a_store_that_is_not_made_yet_is_waited_for(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    early = create_state(relations=[testing.Relation("openfga")])
    with pytest.raises(testing.ActionFailed, match="no store yet") as failed:
        context.run(context.on.action("create-admin-account", params=dict(ACCOUNT)), early)
    assert failed.value.state and pending(failed.value.state) == ["ann@shop.test"]
    admin.identities.clear()
    assert pending(context.run(context.on.update_status(), failed.value.state)) == []


def test_without_a_code_an_account_becomes_one_all_the_same(
    refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State, context: testing.Context[Any]
) -> None:
    admin.refuse("POST /recovery/code", 500, "no code")
    said = refusal("create-admin-account", state, username="ann", email="ann@shop.test")
    assert "no code" in said and "reset-password" in said
    assert fga.administrators() == {"user:ann@shop.test"}
    assert (context.action_results or {})["administrator"] == "true"


def test_without_a_code_and_without_a_model_both_are_told(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    admin.refuse("POST /recovery/code", 500, "no code")
    fga.model = False
    with pytest.raises(testing.ActionFailed, match=r"no model yet.*no code") as failed:
        context.run(
            context.on.action("create-admin-account", params={"username": "ann", "email": "a@shop.test"}), state
        )
    assert failed.value.state and pending(failed.value.state) == ["a@shop.test"]


def test_who_is_deleted_before_is_not_tried_again(
    context: testing.Context[Any], admin: AdminStub, fga: FgaStub, state: testing.State
) -> None:
    fga.model = False
    with pytest.raises(testing.ActionFailed) as failed:
        context.run(context.on.action("create-admin-account", params=dict(ACCOUNT)), state)
    assert failed.value.state
    out = context.run(context.on.action("delete-identity", params={"email": "ann@shop.test"}), failed.value.state)
    assert pending(out) == []


def test_without_a_password_the_code_is_shown_even_so(
    refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State, context: testing.Context[Any]
) -> None:
    fga.model = False
    refusal("create-admin-account", state, username="ann", email="ann@shop.test")
    assert context.action_results and "recovery-code" in context.action_results


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"code": "unauthenticated", "message": "unauthenticated"}), "OpenFGA refuses: unauthenticated"),
        ((503, "<html>"), "OpenFGA answered 503"),
        ((503, ["x"]), "OpenFGA answered 503"),
        ((200, "<html>"), "OpenFGA's answer is not JSON"),
        ((307, {}), "OpenFGA refuses: 307"),
    ],
)
def test_the_reason_of_openfga_reaches_the_operator(
    refusal: Any, admin: AdminStub, fga: FgaStub, state: testing.State, answer: Any, said: str
) -> None:
    fga.refusal = answer
    assert said in refusal("create-admin-account", state, **ACCOUNT)


def test_an_openfga_that_is_down(refusal: Any, admin: AdminStub) -> None:
    state = create_state(relations=[openfga(http_api_url="http://127.0.0.1:1")], secrets=[TOKEN])
    assert "OpenFGA does not answer" in refusal("create-admin-account", state, **ACCOUNT)


def test_the_token_is_in_no_log(context: Any, refusal: Any, admin: AdminStub, fga: FgaStub, state: Any) -> None:
    fga.refusal = (500, {"message": "x"})
    refusal("create-admin-account", dataclasses.replace(state), **ACCOUNT)
    assert "fga-token" not in str(context.juju_log)
