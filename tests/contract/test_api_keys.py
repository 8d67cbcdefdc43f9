"""API keys on both databases."""

import asyncio

import pytest
from sqlalchemy import func, select

from contract.test_sessions_and_flows import owner
from identity_server.identity import api_keys
from identity_server.identity.api_keys import MOST_KEYS, TooManyKeys
from identity_server.randomness import new_id
from identity_server.schema import normalize
from identity_server.storage import tables
from identity_server.storage.api_keys import ApiKeys
from identity_server.storage.identities import Identities
from identity_server.storage.port import Database, Statement
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
NOW, LATER = "2026-05-17T09:30:00.000000Z", "2026-05-17T09:31:00.000000Z"
_USES = Statement(select(func.count()).select_from(tables.api_key_uses))


async def test_a_key_finds_its_identity(database: Database) -> None:
    store, identity_id = ApiKeys(database), await owner(database)
    secret, key = api_keys.made("robot", NOW)
    assert await store.add(identity_id, key)
    found = await store.owner_of(key.id)
    assert found is not None
    assert (found[0][0], found[1]) == (identity_id, key)
    assert found[1].opens_for(secret, NOW)
    assert await store.owner_of(new_id()) is None


async def test_keys_are_listed_oldest_first_with_their_last_use(database: Database) -> None:
    store, identity_id = ApiKeys(database), await owner(database)
    assert await store.of(identity_id) == []
    assert await store.of(new_id()) is None
    keys = [api_keys.made(name, NOW)[1] for name in ("a", "b")]
    for key in keys:
        await store.add(identity_id, key)
    await store.note_use(keys[1].id, NOW)
    await store.note_use(keys[1].id, LATER)
    await store.note_use(new_id(), LATER)
    assert [(key.name, key.last_used_at) for key in await store.of(identity_id) or ()] == [("a", None), ("b", LATER)]
    assert (await database.fetch(_USES()))[0][0] == 1


async def test_a_revoked_key_leaves_nothing_behind(database: Database) -> None:
    store, identity_id, other = ApiKeys(database), await owner(database), await owner(database)
    keys = [api_keys.made("k", NOW)[1] for _ in range(2)]
    for key in keys:
        await store.add(identity_id, key)
    await store.note_use(keys[0].id, NOW)
    assert not await store.revoke(other, keys[0].id, LATER)
    assert await store.revoke(identity_id, keys[0].id, LATER)
    assert not await store.revoke(identity_id, keys[0].id, LATER)
    assert await store.owner_of(keys[0].id) is None
    assert await store.of(identity_id) == [keys[1]]
    assert await store.revoke(identity_id, keys[1].id, LATER)
    identities = Identities(database, canonical, normalize.address)
    identity = await identities.by_id(identity_id)
    assert identity is not None and "api_key" not in identity.credentials
    assert (await database.fetch(_USES()))[0][0] == 0


async def test_keys_go_with_their_identity(database: Database) -> None:
    store, identity_id = ApiKeys(database), await owner(database)
    key = api_keys.made("k", NOW)[1]
    await store.add(identity_id, key)
    await store.note_use(key.id, NOW)
    identities = Identities(database, canonical, normalize.address)
    assert await identities.delete(identity_id)
    assert await store.owner_of(key.id) is None
    assert (await database.fetch(_USES()))[0][0] == 0
    assert not await store.add(identity_id, key)


async def test_keys_that_are_made_at_once_are_all_kept(database: Database) -> None:
    store, identity_id = ApiKeys(database), await owner(database)
    keys = [api_keys.made(str(number), NOW)[1] for number in range(12)]
    await asyncio.gather(*(store.add(identity_id, key) for key in keys))
    assert {key.id for key in await store.of(identity_id) or ()} == {key.id for key in keys}


async def test_a_change_of_the_identity_keeps_keys_that_were_made_meanwhile(database: Database) -> None:
    store, identity_id = ApiKeys(database), await owner(database)
    identities = Identities(database, canonical, normalize.address)
    first, second = (api_keys.made(name, NOW)[1] for name in "ab")
    await store.add(identity_id, first)
    identity = await identities.by_id(identity_id)
    assert identity is not None
    await store.add(identity_id, second)
    await store.revoke(identity_id, first.id, LATER)
    identity.metadata_public = {"changed": True}
    await identities.update(identity)
    assert await store.of(identity_id) == [second]
    assert await store.owner_of(first.id) is None
    assert await store.owner_of(second.id) is not None


async def test_there_is_a_limit_to_the_keys_of_an_identity(database: Database) -> None:
    store, identity_id = ApiKeys(database), await owner(database)
    for number in range(MOST_KEYS):
        await store.add(identity_id, api_keys.made(str(number), NOW)[1])
    with pytest.raises(TooManyKeys):
        await store.add(identity_id, api_keys.made("one too many", NOW)[1])
    assert len(await store.of(identity_id) or ()) == MOST_KEYS


def test_a_use_is_noted_once_a_minute() -> None:
    store = ApiKeys(None)  # type: ignore[arg-type]
    key = api_keys.made("k", NOW)[1]
    assert [store.is_news(key, now) for now in (NOW, NOW, "2026-05-17T09:30:59.000000Z", LATER)] == [
        True,
        False,
        False,
        True,
    ]
