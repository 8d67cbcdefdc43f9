"""Guesses, newer codes and marks on addresses, on both databases."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from contract.test_identities import NOW, an_identity
from identity_server import randomness, times
from identity_server.flows.one_time import Guesses, StoredCode, StoredToken
from identity_server.identity.model import Identity
from identity_server.schema import normalize
from identity_server.storage.codes import Codes
from identity_server.storage.identities import Identities
from identity_server.storage.port import Database
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
LATER = "2026-01-02T00:00:00.000000Z"
HOUR_AGO = times.text(times.parse(NOW) - timedelta(hours=1))


def store(database: Database) -> Identities:
    return Identities(database, canonical, normalize.address)


async def owner(database: Database) -> Identity:
    identity = an_identity(f"{randomness.token(8).lower()}@example.com")
    await store(database).insert(identity)
    return identity


def a_code(flow_id: str, owner: Identity | None = None) -> StoredCode:
    code = StoredCode(randomness.new_id(), "recovery", flow_id, "hash", "a@b.c", "email", None, None, NOW, LATER)
    if owner is None:
        return code
    address = owner.verifiable_addresses[0]
    return dataclasses.replace(code, address=address.value, identity_id=owner.id, address_id=address.id)


async def test_a_newer_code_takes_the_place_of_those_before(database: Database) -> None:
    codes, first, second, other = Codes(database), a_code("f1"), a_code("f1"), a_code("f2")
    await codes.replace("f1", [first], NOW)
    await codes.replace("f2", [other], NOW)
    await codes.replace("f1", [second], NOW)
    assert await codes.of_flow("f1") == [second]
    assert await codes.of_flow("f2") == [other]


async def test_a_used_code_is_still_known(database: Database) -> None:
    codes, used = Codes(database), a_code("f1")
    await codes.replace("f1", [used], NOW)
    await codes.use(used.id, LATER)
    await codes.replace("f1", [a_code("f1")], NOW)
    assert [code.used_at for code in await codes.of_flow("f1") if code.id == used.id] == [LATER]


async def test_guesses_are_counted_per_flow(database: Database) -> None:
    codes = Codes(database)
    for _ in range(3):
        assert not (await codes.attempt("f1", "ada", Guesses(3), NOW)).too_many
    refused = await codes.attempt("f1", "ada", Guesses(3), NOW)
    assert (refused.too_many, refused.blocked_since) == (True, "")
    assert not (await codes.attempt("f2", "ada", Guesses(3), NOW)).too_many


async def test_guesses_are_counted_per_address_over_all_flows(database: Database) -> None:
    codes, limits = Codes(database), Guesses(5, 4, HOUR_AGO)
    for flow in ("f1", "f2", "f3", "f4"):
        assert not (await codes.attempt(flow, "ada", limits, NOW)).too_many
    refused = await codes.attempt("f5", "ada", limits, NOW)
    assert (refused.too_many, refused.blocked_since) == (True, NOW)
    assert not (await codes.attempt("f5", "bob", limits, NOW)).too_many


async def test_old_guesses_do_not_count_for_an_address(database: Database) -> None:
    codes = Codes(database)
    await codes.attempt("f1", "ada", Guesses(5, 1, HOUR_AGO), NOW)
    assert (await codes.attempt("f2", "ada", Guesses(5, 1, HOUR_AGO), NOW)).too_many
    assert not (await codes.attempt("f2", "ada", Guesses(5, 1, NOW), LATER)).too_many


async def test_a_right_guess_is_taken_out(database: Database) -> None:
    codes, limits = Codes(database), Guesses(5, 1, HOUR_AGO)
    await codes.forgive(await codes.attempt("f1", "ada", limits, NOW))
    assert not (await codes.attempt("f1", "ada", limits, NOW)).too_many


@pytest.mark.parametrize("same_flow", [True, False])
async def test_many_guesses_at_once_pass_no_limit(database: Database, same_flow: bool) -> None:
    codes, limits = Codes(database), Guesses(5 if same_flow else 100, 100 if same_flow else 5, HOUR_AGO)
    made = await asyncio.gather(*(codes.attempt("f" if same_flow else f"f{n}", "ada", limits, NOW) for n in range(40)))
    assert sum(not attempt.too_many for attempt in made) == 5


async def test_marks_on_an_address(database: Database) -> None:
    identity, identities, codes = await owner(database), store(database), Codes(database)
    await codes.replace("f1", [a_code("f1", identity)], LATER, mark=True)
    sent = await identities.by_id(identity.id)
    assert sent is not None
    assert [(each.status, each.verified) for each in sent.verifiable_addresses] == [("sent", False)]
    address = identity.verifiable_addresses[0]
    assert not await identities.verify_address(identity.id, address.id, "before@example.com", LATER)
    assert await identities.verify_address(identity.id, address.id, address.value, LATER)
    proved = await identities.by_id(identity.id)
    assert proved is not None
    address = proved.verifiable_addresses[0]
    assert (address.status, address.verified, address.verified_at) == ("completed", True, LATER)
    await identities.note_sent(identity.id, address.id, LATER)
    assert await identities.by_id(identity.id) == proved


async def test_a_mark_for_nobody_changes_nothing(database: Database) -> None:
    identity, identities, codes = await owner(database), store(database), Codes(database)
    await codes.replace("f1", [a_code("f1")], LATER, mark=True)
    address = identity.verifiable_addresses[0]
    assert not await identities.verify_address(identity.id, randomness.new_id(), address.value, LATER)
    assert not await identities.verify_address(randomness.new_id(), address.id, address.value, LATER)
    assert await identities.by_id(identity.id) == identity


async def test_marks_and_changes_at_once_lose_nothing(database: Database) -> None:
    identity, identities = await owner(database), store(database)
    address = identity.verifiable_addresses[0]
    changes = (identities.verify_address(identity.id, address.id, address.value, LATER) for _ in range(10))
    await asyncio.gather(*changes)
    proved = await identities.by_id(identity.id)
    assert proved is not None
    assert proved.verifiable_addresses[0].verified


async def test_one_recovery_ends_all_open_codes_and_links(database: Database) -> None:
    identity, codes = await owner(database), Codes(database)
    code = a_code("f1", identity)
    link = StoredToken(randomness.new_id(), "recovery", "hash", "f2", identity.id, None, None, NOW, LATER)
    await codes.add([code])
    await codes.add_sent_token(link, NOW)
    await codes.end_of_identity(identity.id, "verification", NOW)
    assert (await codes.token("hash")) == link
    await codes.end_of_identity(identity.id, "recovery", NOW)
    assert not await codes.use(code.id, NOW)
    assert not await codes.use_token(link.id, NOW)
