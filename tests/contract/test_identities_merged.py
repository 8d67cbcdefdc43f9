"""What two requests do to different credentials of an identity at the same time is both done."""

import pytest

from contract.test_identities import NOW, an_identity
from identity_server.identity.model import Credential, Identity
from identity_server.schema import normalize
from identity_server.storage.identities import Identities
from identity_server.storage.once import Once
from identity_server.storage.port import Database
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
URL = {"totp_url": "otpauth://totp/x?secret=A"}


@pytest.fixture
def store(database: Database) -> Identities:
    return Identities(database, canonical, normalize.address)


def app(identity: Identity) -> Credential:
    return Credential("totp", [identity.id], dict(URL), 0, NOW, NOW)


async def two_copies(store: Identities, *credentials: str) -> tuple[Identity, Identity]:
    """One identity, read by two requests."""
    identity = an_identity("ada@example.com")
    for kind in credentials:
        identity.credentials[kind] = Credential(kind, [identity.id], dict(URL), 0, NOW, NOW)
    await store.insert(identity)
    first, second = await store.by_id(identity.id), await store.by_id(identity.id)
    assert first is not None
    assert second is not None
    return first, second


async def stored(store: Identities, identity: Identity) -> Identity:
    found = await store.by_id(identity.id)
    assert found is not None
    return found


async def test_a_factor_outlives_a_change_of_the_profile_that_did_not_know_it(store: Identities) -> None:
    enrolling, saving = await two_copies(store)
    enrolling.credentials["totp"], enrolling.available_aal = app(enrolling), "aal2"
    await store.update(enrolling)
    saving.traits, saving.available_aal = {"email": "ada@example.com", "name": "Ada"}, "aal1"
    await store.update(saving)
    found = await stored(store, saving)
    assert found.credentials["totp"].config == URL
    assert found.traits["name"] == "Ada"
    assert found.available_aal == "aal2", "or the second factor would not be asked for"
    assert await store.by_identifier(found.id, ("totp",)) == found


async def test_a_factor_that_was_removed_does_not_come_back(store: Identities) -> None:
    removing, saving = await two_copies(store, "totp")
    del removing.credentials["totp"]
    await store.update(removing)
    saving.traits, saving.available_aal = {"email": "ada@example.com", "name": "Ada"}, "aal2"
    await store.update(saving)
    found = await stored(store, saving)
    assert "totp" not in found.credentials
    assert found.available_aal == "aal1"
    assert await store.by_identifier(found.id, ("totp",)) is None


async def test_a_code_that_was_used_up_stays_so(store: Identities, database: Database) -> None:
    using, saving = await two_copies(store, "lookup_secret")
    assert await Once(database).replace_config(using.id, "lookup_secret", URL, {"used": True}, NOW)
    saving.credentials["password"].config = {"hashed_password": "another"}
    await store.update(saving)
    found = await stored(store, saving)
    assert found.credentials["lookup_secret"].config == {"used": True}
    assert found.credentials["password"].config == {"hashed_password": "another"}


async def test_of_two_changes_of_one_credential_the_later_counts(store: Identities) -> None:
    first, second = await two_copies(store)
    first.credentials["password"].config = {"hashed_password": "first"}
    second.credentials["password"].config = {"hashed_password": "second"}
    await store.update(first)
    await store.update(second)
    assert (await stored(store, first)).credentials["password"].config == {"hashed_password": "second"}


async def test_a_copy_may_be_changed_again_after_it_was_stored(store: Identities) -> None:
    copy, _ = await two_copies(store)
    copy.credentials["totp"] = app(copy)
    await store.update(copy)
    del copy.credentials["totp"]
    await store.update(copy)
    assert "totp" not in (await stored(store, copy)).credentials
    copy.credentials["password"].config = {"hashed_password": "y"}
    await store.update(copy)
    copy.credentials["password"].config = {"hashed_password": "x"}
    await store.update(copy)
    assert (await stored(store, copy)).credentials["password"].config == {"hashed_password": "x"}


async def test_an_identity_that_was_never_read_replaces_all(store: Identities) -> None:
    copy, _ = await two_copies(store, "totp")
    whole = an_identity("ada@example.com", id=copy.id)
    await store.update(whole)
    assert (await stored(store, whole)).credentials.keys() == {"password"}
