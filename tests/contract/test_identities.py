"""Both databases keep identities the same way."""

import asyncio
import dataclasses

import pytest

from identity_server import randomness
from identity_server.errors import Conflict
from identity_server.identity.model import Address, Credential, Identity
from identity_server.schema import normalize
from identity_server.storage.identities import Identities
from identity_server.storage.port import Database
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
NOW = "2026-01-01T00:00:00.000000Z"


def an_identity(email: str, **changes: object) -> Identity:
    identity = Identity(
        id=randomness.new_id(),
        schema_id="default",
        traits={"email": email},
        created_at=NOW,
        updated_at=NOW,
        state_changed_at=NOW,
        verifiable_addresses=[Address(randomness.new_id(), email, "email", NOW, NOW)],
        recovery_addresses=[Address(randomness.new_id(), email, "email", NOW, NOW)],
        credentials={"password": Credential("password", [email], {"hashed_password": "x"}, 0, NOW, NOW)},
    )
    return dataclasses.replace(identity, **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(database: Database) -> Identities:
    return Identities(database, canonical, normalize.address)


async def test_what_was_stored_is_read_back(store: Identities) -> None:
    stored = an_identity("ada@example.com", metadata_public={"a": [1, None]}, metadata_admin="x", external_id="e/1")
    await store.insert(stored)
    assert await store.by_id(stored.id) == stored
    assert await store.by_external_id("e/1") == stored
    assert await store.by_identifier("ada@example.com", ("password",)) == stored
    assert await store.by_address("recovery", "email", "ADA@example.com") == stored


async def test_nobody_is_found_under_a_name_of_another_kind(store: Identities) -> None:
    await store.insert(an_identity("ada@example.com"))
    assert await store.by_identifier("ada@example.com", ("oidc", "totp")) is None
    assert await store.by_address("recovery", "sms", "ada@example.com") is None


@pytest.mark.parametrize("twin", ["ada@example.com", "ADA@EXAMPLE.COM", "ａda@example.com", "a\u00adda@example.com"])
async def test_a_name_belongs_to_one_identity(store: Identities, twin: str) -> None:
    await store.insert(an_identity("ada@example.com"))
    second = an_identity(twin)
    with pytest.raises(Conflict):
        await store.insert(second)
    assert await store.by_id(second.id) is None


async def test_a_refused_identity_leaves_nothing_behind(store: Identities, database: Database) -> None:
    await store.insert(an_identity("ada@example.com"))
    clash = an_identity("bob@example.com")
    clash.recovery_addresses[0].value = "ada@example.com"
    with pytest.raises(Conflict):
        await store.insert(clash)
    assert await store.by_identifier("bob@example.com", ("password",)) is None
    await store.insert(an_identity("bob@example.com"))


async def test_an_update_replaces_names_addresses_and_credentials(store: Identities) -> None:
    identity = an_identity("ada@example.com")
    await store.insert(identity)
    identity.credentials["password"].identifiers = ["new@example.com"]
    identity.credentials["totp"] = Credential("totp", [identity.id], {"totp_url": "otpauth://x"}, 0, NOW, NOW)
    identity.verifiable_addresses = []
    identity.recovery_addresses[0].value = "new@example.com"
    await store.update(identity)
    assert await store.by_id(identity.id) == identity
    assert await store.by_identifier("ada@example.com", ("password",)) is None
    await store.insert(an_identity("ada@example.com"))


async def test_an_update_of_nobody_and_of_an_old_state_is_refused(store: Identities) -> None:
    identity = an_identity("ada@example.com")
    with pytest.raises(LookupError):
        await store.update(identity)
    await store.insert(identity)
    with pytest.raises(LookupError):
        await store.update(identity, expected_updated_at="2025-01-01T00:00:00.000000Z")


async def test_a_deleted_identity_frees_its_names(store: Identities) -> None:
    identity = an_identity("ada@example.com")
    await store.insert(identity)
    assert await store.delete(identity.id) is True
    assert await store.delete(identity.id) is False
    await store.insert(an_identity("ada@example.com"))


async def test_of_writers_at_once_one_wins_each_name(store: Identities) -> None:
    outcomes = await asyncio.gather(
        *(store.insert(an_identity("ada@example.com")) for _ in range(12)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 11


async def test_many_are_stored_at_once_and_each_refusal_is_told(store: Identities) -> None:
    await store.insert(an_identity("taken@example.com"))
    batch = [an_identity(f"n{at}@example.com") for at in range(120)]
    batch[7] = an_identity("taken@example.com")
    outcomes = await store.insert_many(batch)
    assert [at for at, outcome in enumerate(outcomes) if outcome is not None] == [7]
    assert isinstance(outcomes[7], Conflict)
    assert await store.by_identifier("n119@example.com", ("password",)) == batch[119]
    fresh = [an_identity(f"m{at}@example.com") for at in range(120)]
    assert await store.insert_many(fresh) == [None] * 120
    assert await store.by_id(fresh[60].id) == fresh[60]
