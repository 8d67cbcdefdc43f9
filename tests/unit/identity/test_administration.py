"""Changes by an operator: what is checked, what is kept, what happens when two are at it."""

import asyncio
from typing import Any

import pytest

from identity_server.errors import ApiError, Conflict, StorageUnavailable
from identity_server.identity import batch, patching
from identity_server.identity.administration import Administration
from identity_server.identity.manager import IdentityManager
from identity_server.identity.model import Identity
from identity_server.identity.payload import BatchBody, CreateBody, UpdateBody, read
from identity_server.identity.ports import Changed
from identity_server.passwords.hashers import BcryptHasher
from identity_server.passwords.pool import HashingPool

HASH = "$2b$04$FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u"


@pytest.fixture
def administration(manager: IdentityManager) -> Administration:
    return Administration(manager, HashingPool(BcryptHasher(4)))


@pytest.fixture
def stored(ada: Identity, store: Any) -> Identity:
    ada.updated_at = ada.state_changed_at = "2020-01-01T00:00:00.000000Z"
    store.identities[ada.id] = ada
    return ada


def create(administration: Administration, **body: Any) -> Identity:
    return asyncio.run(administration.create(read(CreateBody, {"traits": {"email": "bob@example.com"}, **body})))


def refused(work: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        asyncio.run(work)
    return caught.value


def test_a_created_identity_is_stored(administration: Administration, store: Any) -> None:
    identity = create(administration, state="inactive", external_id="e", metadata_admin=1)
    assert store.identities[identity.id] is identity
    assert (identity.state, identity.external_id, identity.metadata_admin) == ("inactive", "e", 1)


def test_an_empty_external_id_is_none(administration: Administration) -> None:
    assert create(administration, external_id="").external_id is None


@pytest.mark.parametrize(
    "body", [{"state": "asleep"}, {"schema_id": "fleet"}, {"traits": {}}, {"traits": None}, {"traits": {"email": "x"}}]
)
def test_a_body_against_the_rules_is_refused(administration: Administration, store: Any, body: Any) -> None:
    assert refused(administration.create(read(CreateBody, {"traits": {"email": "b@b.example"}, **body}))).status == 400
    assert store.identities == {}


@pytest.mark.parametrize(("constraint", "word"), [("identities_external_id_key", "external id"), ("x", "identifier")])
def test_a_taken_name_is_a_conflict(administration: Administration, store: Any, constraint: str, word: str) -> None:
    store.refuse = lambda identity: Conflict(constraint)
    error = refused(administration.create(read(CreateBody, {"traits": {"email": "b@b.example"}})))
    assert error.status == 409
    assert word in error.reason


def test_a_database_that_is_away_is_no_conflict(administration: Administration, store: Any) -> None:
    store.refuse = lambda identity: StorageUnavailable("gone")
    with pytest.raises(StorageUnavailable):
        create(administration)


def replace(administration: Administration, identity: Identity, **body: Any) -> Any:
    return administration.replace(identity.id, read(UpdateBody, {"traits": identity.traits, **body}))


def test_what_a_replacement_leaves_out_is_cleared(administration: Administration, stored: Identity) -> None:
    stored.external_id, stored.metadata_public, stored.metadata_admin = "e", 1, 2
    changed = asyncio.run(replace(administration, stored)).identity
    assert (changed.external_id, changed.metadata_public, changed.metadata_admin) == (None, None, None)


def test_credentials_state_schema_and_organization_stay(administration: Administration, stored: Identity) -> None:
    stored.credentials["password"].config = {"hashed_password": HASH}
    stored.state, stored.organization_id = "inactive", "o"
    changed = asyncio.run(replace(administration, stored)).identity
    assert changed.credentials["password"].config == {"hashed_password": HASH}
    assert (changed.state, changed.schema_id, changed.organization_id) == ("inactive", "person", "o")


def test_only_another_state_changes_when_it_changed(administration: Administration, stored: Identity) -> None:
    before = stored.state_changed_at
    assert asyncio.run(replace(administration, stored, state="active")).identity.state_changed_at == before
    assert asyncio.run(replace(administration, stored, state="inactive")).identity.state_changed_at > before


def test_every_change_moves_the_time_of_the_last_one(administration: Administration, stored: Identity) -> None:
    before = stored.updated_at
    assert asyncio.run(replace(administration, stored)).identity.updated_at > before


def test_an_unknown_identity_is_not_found(administration: Administration, ada: Identity) -> None:
    assert refused(replace(administration, ada)).status == 404
    assert refused(administration.patch(ada.id, [])).status == 404
    assert refused(administration.remove_credential(ada.id, "totp", "")).status == 404


def test_an_identity_that_vanishes_meanwhile_is_not_found(
    administration: Administration, stored: Identity, store: Any
) -> None:
    store.refuse = lambda identity: LookupError(identity.id)
    assert refused(replace(administration, stored)).status == 404


def test_a_change_by_somebody_else_is_not_overwritten(
    administration: Administration, stored: Identity, store: Any
) -> None:
    tries = iter([Changed("x"), Changed("x"), None])
    store.refuse = lambda identity: next(tries)
    assert asyncio.run(replace(administration, stored)).identity is stored


def test_who_never_gets_a_turn_is_told(administration: Administration, stored: Identity, store: Any) -> None:
    store.refuse = lambda identity: Changed("x")
    assert refused(replace(administration, stored)).status == 409


def patch(administration: Administration, identity: Identity, path: str, value: Any) -> Identity:
    operations = [{"op": "replace", "path": path, "value": value}]
    return asyncio.run(administration.patch(identity.id, operations)).identity


def test_a_patch_changes_what_it_names(administration: Administration, stored: Identity) -> None:
    assert patch(administration, stored, "/traits/age", 40).traits == {"email": "ada@example.com", "age": 40}
    assert patch(administration, stored, "/metadata_public", [1]).metadata_public == [1]
    assert patch(administration, stored, "/external_id", "e").external_id == "e"
    assert patch(administration, stored, "/state", "inactive").state == "inactive"


def test_a_patch_may_verify_an_address(administration: Administration, stored: Identity) -> None:
    (address,) = patch(administration, stored, "/verifiable_addresses/0/verified", True).verifiable_addresses
    assert (address.verified, address.status) == (True, "pending")
    assert address.verified_at


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/state", "asleep"),
        ("/state", None),
        ("/external_id", 7),
        ("/external_id", "x" * 65),
        ("/organization_id", "acme"),
        ("/verifiable_addresses", {}),
        ("/verifiable_addresses/0/verified", "yes"),
        ("/verifiable_addresses/0/status", "lost"),
        ("/schema_id", 7),
        ("/traits", None),
    ],
)
def test_a_patch_is_checked_as_a_body_is(
    administration: Administration, stored: Identity, path: str, value: Any
) -> None:
    operations = [{"op": "replace", "path": path, "value": value}]
    assert refused(administration.patch(stored.id, operations)).status == 400


def test_every_open_member_is_in_the_document(administration: Administration, stored: Identity, store: Any) -> None:
    from identity_server.identity.administration import patchable

    assert set(patchable(stored)) == set(patching.OPEN)


def run_batch(administration: Administration, store: Any, *creates: Any) -> list[Any]:
    body = read(BatchBody, {"identities": [None if each is None else {"create": each} for each in creates]})
    return asyncio.run(batch.create(administration, body, store))


def a(email: str, **more: Any) -> dict[str, Any]:
    return {"traits": {"email": email}, **more}


def test_a_batch_answers_for_each(administration: Administration, store: Any) -> None:
    results = run_batch(
        administration, store, a("x@y.example"), None, a("nothing"), a("x@y.example", schema_id="fleet")
    )
    assert [result and result["action"] for result in results] == ["create", None, "error", "error"]


@pytest.mark.parametrize(
    "create", [a("x@y.example", state="asleep"), a("x@y.example", credentials={"password": {"config": {}}})]
)
def test_what_is_wrong_with_the_request_ends_it(administration: Administration, store: Any, create: Any) -> None:
    with pytest.raises(ApiError) as caught:
        run_batch(administration, store, a("b@y.example"), create)
    assert caught.value.status == 400


def test_a_conflict_is_one_item_s(administration: Administration, store: Any) -> None:
    store.refuse = lambda identity: Conflict("x") if identity.traits["email"] == "b@y.example" else None
    results = run_batch(administration, store, a("a@y.example"), a("b@y.example"))
    assert [result["action"] for result in results] == ["create", "error"]
    assert results[1]["error"]["code"] == 409


def test_an_only_item_s_external_id_ends_the_request(administration: Administration, store: Any) -> None:
    store.refuse = lambda identity: Conflict("identities.external_id")
    with pytest.raises(ApiError) as caught:
        run_batch(administration, store, a("a@y.example", external_id="e"))
    assert caught.value.status == 409


def test_a_database_that_is_away_is_nobody_s_error(administration: Administration, store: Any) -> None:
    store.refuse = lambda identity: StorageUnavailable("gone")
    with pytest.raises(StorageUnavailable):
        run_batch(administration, store, a("a@y.example"), a("b@y.example"))


def test_a_batch_is_bounded(administration: Administration, store: Any) -> None:
    with pytest.raises(ApiError) as many:
        run_batch(administration, store, *[None] * (batch.MOST + 1))
    password = {"password": {"config": {"password": "x"}}}
    with pytest.raises(ApiError) as costly:
        run_batch(administration, store, *[a("x", credentials=password)] * (batch.MOST_PASSWORDS + 1))
    assert (many.value.status, costly.value.status) == (400, 400)
