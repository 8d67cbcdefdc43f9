"""Imports on both databases: what collides is found and named, the rest is stored, together with the note."""

import pytest

from identity_server.errors import Conflict
from identity_server.identity.model import Address, Credential, Identity
from identity_server.randomness import new_id
from identity_server.schema import normalize
from identity_server.storage import migrate
from identity_server.storage.bulk_import import BulkStore
from identity_server.storage.identities import Identities
from identity_server.storage.opening import open_database
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
NOW = "2026-11-21T09:30:00.000000Z"


def identity(email: str, **more: str) -> Identity:
    made = Identity(more.pop("id", "") or new_id(), "default", {"email": email}, NOW, NOW, **more)  # type: ignore[arg-type]
    made.verifiable_addresses = [Address(new_id(), email, "email", NOW, NOW)]
    made.recovery_addresses = [Address(new_id(), email, "email", NOW, NOW)]
    made.credentials = {"password": Credential("password", [email], {}, 0, NOW, NOW)}
    return made


@pytest.fixture
async def database(dsn):
    import asyncio

    await asyncio.to_thread(migrate.up, dsn)
    opened = open_database(dsn)
    yield opened
    await opened.close()


@pytest.fixture
def identities(database):
    return Identities(database, canonical, normalize.address)


@pytest.fixture
def store(database, identities):
    return BulkStore(database, identities)


def note(refused):
    return str(sorted(refused))


async def test_a_clean_batch_is_stored_with_its_note(store, identities):
    batch = [identity(f"a{number}@b.test") for number in range(120)]
    assert await store.store(batch, "import/x", note) == {}
    assert await store.noted("import/x") == "[]"
    found = await identities.by_identifier("a7@b.test", ["password"])
    assert found.id == batch[7].id
    await store.forget("import/x")
    assert await store.noted("import/x") == ""


async def test_every_kind_of_collision_is_told_and_the_rest_is_stored(store, identities):
    known = identity("known@b.test", external_id="ext")
    await identities.insert(known)
    address = identity("address@b.test")
    address.verifiable_addresses[0].id = known.verifiable_addresses[0].id
    other_name = identity("other@b.test")
    other_name.recovery_addresses.append(Address(new_id(), "known@b.test", "email", NOW, NOW))
    batch = [
        identity("fine@b.test"),
        identity("KNOWN@b.test"),
        identity("id@b.test", id=known.id),
        identity("external@b.test", external_id="ext"),
        address,
        other_name,
        identity("twin@b.test"),
        identity("TWIN@b.test"),
        # Whose only twin is refused is no twin.
        identity("id@b.test"),
    ]
    refused = await store.store(batch, "import/x", note)
    mine = f"belongs to the identity {known.id} already."
    assert refused == {
        1: f"The identifier 'known@b.test' (password) {mine}",
        2: f"The id '{known.id}' {mine}",
        3: f"The external id 'ext' {mine}",
        4: f"The id of an address, '{known.verifiable_addresses[0].id}', {mine}",
        5: f"The recovery address 'known@b.test' {mine}",
        7: "The identifier 'twin@b.test' (password) belongs to a row in front of this one.",
    }
    assert await store.noted("import/x") == "[1, 2, 3, 4, 5, 7]"
    for place in (0, 6, 8):
        assert await identities.by_id(batch[place].id)
    for place in (1, 3, 4, 5, 7):
        assert await identities.by_id(batch[place].id) is None


async def test_a_batch_of_refused_rows_alone_still_moves_the_note(store, identities):
    await identities.insert(identity("a@b.test"))
    assert await store.store([identity("a@b.test")], "import/x", note)
    assert await store.noted("import/x") == "[0]"


async def test_a_name_that_comes_and_goes_ends_the_import_and_stores_nothing(store, identities, monkeypatch):
    await identities.insert(identity("a@b.test"))

    async def blind(batch):
        return {}

    monkeypatch.setattr(store, "taken", blind)
    with pytest.raises(Conflict):
        await store.store([identity("b@b.test"), identity("a@b.test")], "import/x", note)
    assert await store.noted("import/x") == ""
    assert await identities.by_identifier("b@b.test", ["password"]) is None
