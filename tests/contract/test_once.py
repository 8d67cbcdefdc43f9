"""What counts once counts once on both databases, however many ask at the same time."""

import asyncio

import pytest

from contract.test_identities import NOW, an_identity
from identity_server.identity.model import Credential
from identity_server.schema import normalize
from identity_server.storage.identities import Identities
from identity_server.storage.once import Once
from identity_server.storage.port import Database
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
CONFIG = {"recovery_codes": [{"code": "a"}], "name": "Clé 🔑", "count": 3}


async def owner(database: Database) -> str:
    identity = an_identity("once@example.com")
    identity.credentials["totp"] = Credential("totp", [identity.id], dict(CONFIG), 0, NOW, NOW)
    await Identities(database, canonical, normalize.address).insert(identity)
    return identity.id


async def stored(database: Database, identity_id: str) -> dict[str, object]:
    identity = await Identities(database, canonical, normalize.address).by_id(identity_id)
    assert identity is not None
    return identity.credentials["totp"].config


async def test_a_challenge_is_spent_once(database: Database) -> None:
    once = Once(database)
    answers = await asyncio.gather(*(once.spend(b"challenge", NOW) for _ in range(20)))
    assert sorted(answers) == [False] * 19 + [True]
    assert await once.spend(b"another", NOW)


async def test_only_one_of_many_replaces_what_all_have_seen(database: Database) -> None:
    once, identity_id = Once(database), await owner(database)
    changes = [{**CONFIG, "count": number} for number in range(10, 30)]
    answers = await asyncio.gather(
        *(once.replace_config(identity_id, "totp", CONFIG, change, NOW) for change in changes)
    )
    assert answers.count(True) == 1
    assert await stored(database, identity_id) == changes[answers.index(True)]


async def test_what_was_never_there_is_not_replaced(database: Database) -> None:
    once, identity_id = Once(database), await owner(database)
    assert not await once.replace_config(identity_id, "totp", {"count": 3}, {}, NOW)
    assert not await once.replace_config(identity_id, "lookup_secret", CONFIG, {}, NOW)
    assert not await once.replace_config("nobody", "totp", CONFIG, {}, NOW)
    assert await stored(database, identity_id) == CONFIG
