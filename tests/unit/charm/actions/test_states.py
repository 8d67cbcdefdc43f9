from typing import Any

from unit.charm.admin_stub import AdminStub


def test_who_becomes_inactive_is_signed_out(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add()
    admin.sessions[identity_id] = 1
    results = run("set-identity-state", email="person@shop.test", state="inactive")
    assert results == {"identity-id": identity_id, "state": "inactive"}
    assert admin.identities[identity_id]["state"] == "inactive"
    assert admin.sessions == {}


def test_who_becomes_active_again_stays_as_it_was(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add(state="inactive", metadata_public={"a": 1})
    run("set-identity-state", identity_id=identity_id, state="active")
    assert admin.identities[identity_id]["state"] == "active"
    assert admin.identities[identity_id]["metadata_public"] == {"a": 1}
    assert not [call for call in admin.calls if "sessions" in call]


def test_a_refusal_of_the_server(refusal: Any, admin: AdminStub) -> None:
    admin.add()
    admin.refuse("PATCH .*", 400, "the traits do not fit the schema")
    said = refusal("set-identity-state", email="person@shop.test", state="inactive")
    assert said == "The server refuses: the traits do not fit the schema"
