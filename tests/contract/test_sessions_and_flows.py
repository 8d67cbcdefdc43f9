"""Both databases keep sessions, flows, codes and exchanges the same way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from contract.test_identities import NOW, an_identity
from identity_server import randomness
from identity_server.flows.model import Flow, new_flow
from identity_server.schema import normalize
from identity_server.session import document
from identity_server.session.model import Authentication, Device, Session
from identity_server.storage.codes import Codes, StoredCode, StoredToken
from identity_server.storage.exchanges import Exchanges
from identity_server.storage.flows import Continuity, ErrorPages, Flows, StaleFlow
from identity_server.storage.identities import Identities
from identity_server.storage.port import Database
from identity_server.storage.sessions import Sessions
from identity_server.ui.container import Container
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
LATER = "2026-01-02T00:00:00.000000Z"


async def owner(database: Database) -> str:
    identity = an_identity(f"{randomness.token(8)}@example.com")
    await Identities(database, canonical, normalize.address).insert(identity)
    return identity.id


def a_session(identity_id: str, **changes: object) -> Session:
    fields = {
        "id": randomness.new_id(),
        "identity_id": identity_id,
        "issued_at": NOW,
        "authenticated_at": NOW,
        "expires_at": LATER,
        "created_at": NOW,
        "updated_at": NOW,
        "methods": [Authentication("password", "aal1", NOW)],
        "devices": [Device(randomness.new_id(), "1.2.3.4", "agent")],
        "token": randomness.session_token(),
    }
    return Session(**{**fields, **changes})  # type: ignore[arg-type]


async def test_a_session_is_found_by_its_token_and_by_nothing_like_it(database: Database) -> None:
    sessions = Sessions(database)
    session = a_session(await owner(database))
    await sessions.insert(session)
    row = await sessions.row_by_token(session.token)
    assert row is not None
    assert document.session_from(row, session.token) == session
    for wrong in (session.token[:-1], session.token + "x", session.token.swapcase(), session.token + "\0", ""):
        assert await sessions.row_by_token(wrong) is None


async def test_the_database_holds_no_token(database: Database) -> None:
    sessions = Sessions(database)
    session = a_session(await owner(database))
    await sessions.insert(session)
    row = await sessions.row_by_id(session.id)
    assert row is not None
    assert session.token not in str(tuple(row))


async def test_an_ended_session_stays_and_others_with_it_do_not(database: Database) -> None:
    sessions = Sessions(database)
    identity_id = await owner(database)
    kept, first, second = (a_session(identity_id) for _ in range(3))
    for session in (kept, first, second):
        await sessions.insert(session)
    assert await sessions.deactivate_others(identity_id, kept.id, NOW) == 2
    assert await sessions.deactivate(kept.id, NOW) is True
    assert await sessions.deactivate(randomness.new_id(), NOW) is False
    rows, total = await sessions.page_of(identity_id, active=False, limit=2, offset=0, now=NOW)
    assert (len(rows), total) == (2, 3)
    assert await sessions.delete_of(identity_id) == 3


async def test_sessions_go_with_their_identity(database: Database) -> None:
    sessions = Sessions(database)
    session = a_session(await owner(database))
    await sessions.insert(session)
    await Identities(database, canonical, normalize.address).delete(session.identity_id)
    assert await sessions.row_by_id(session.id) is None


async def test_a_session_is_extended_only_when_it_ends_soon(database: Database) -> None:
    sessions = Sessions(database)
    session = a_session(await owner(database))
    await sessions.insert(session)
    assert not await sessions.extend(session.id, expires_at="2026-02-01", only_if_before=NOW, now=NOW)
    assert await sessions.extend(session.id, expires_at="2026-02-01", only_if_before=LATER, now=NOW)


def a_flow() -> Flow:
    container = Container(action="https://x/", method="POST")
    return Flow(randomness.new_id(), "login", "api", "choose_method", container, "https://x/", NOW, LATER, NOW, NOW)


async def test_a_flow_is_read_back_and_never_as_another_kind(database: Database) -> None:
    flows = Flows(database)
    flow = a_flow()
    await flows.insert(flow)
    assert await flows.find("login", flow.id) == flow
    assert await flows.find("registration", flow.id) is None


async def test_of_two_that_saw_the_same_flow_one_may_save_it(database: Database) -> None:
    flows = Flows(database)
    flow = a_flow()
    await flows.insert(flow)
    seen = await flows.find("login", flow.id)
    assert seen is not None
    flow.active = "password"
    await flows.save(flow)
    with pytest.raises(StaleFlow):
        await flows.save(seen)
    stored = await flows.find("login", flow.id)
    assert stored is not None
    assert (stored.active, stored.version) == ("password", 1)


async def test_an_error_is_shown_and_remembers_it(database: Database) -> None:
    pages = ErrorPages(database)
    await pages.insert("e1", {"code": 400}, NOW)
    assert await pages.see("e1", NOW) == ({"code": 400}, NOW)
    assert await pages.see("e2", NOW) is None


async def test_what_a_browser_meant_to_do_is_taken_once(database: Database) -> None:
    continuity = Continuity(database)
    await continuity.put("c1", "settings", "i1", {"a": 1}, LATER)
    await continuity.put("c2", "settings", None, {}, NOW)
    assert await continuity.take("c1", "other", NOW) is None
    assert await continuity.take("c1", "settings", NOW) == ("i1", {"a": 1})
    assert await continuity.take("c1", "settings", NOW) is None
    assert await continuity.take("c2", "settings", LATER) is None


async def test_a_code_and_a_link_are_used_once_even_at_once(database: Database) -> None:
    codes = Codes(database)
    code = StoredCode("k1", "recovery", "f1", "hash", "a@x", "email", None, None, NOW, LATER)
    token = StoredToken("t1", "recovery", "hash", "f1", None, None, "a@x", NOW, LATER)
    await codes.add([code])
    await codes.add_token(token)
    assert await codes.of_flow("f1") == [code]
    assert await codes.token("hash") == token
    assert sorted(await asyncio.gather(*(codes.use("k1", NOW) for _ in range(10)))) == [False] * 9 + [True]
    assert sorted(await asyncio.gather(*(codes.use_token("t1", NOW) for _ in range(10)))) == [False] * 9 + [True]


async def test_an_exchange_needs_both_codes_and_ends(database: Database) -> None:
    exchanges = Exchanges(database)
    session = a_session(await owner(database))
    await Sessions(database).insert(session)
    flow = new_flow("login", "api", action="", request_url="", now=NOW, lifespan=timedelta(hours=1))
    await Flows(database).insert(replace(flow, id="f1"))
    await exchanges.insert("x1", "f1", "init", "return", NOW)
    assert await exchanges.by_codes("init", "init", NOW) is None
    found = await exchanges.by_codes("init", "return", NOW)
    assert found is not None and found.session_id is None
    assert await exchanges.complete("f1", session.id, "sealed", "return-2") is True
    assert await exchanges.complete("f2", session.id, "sealed", "return-2") is False
    assert await exchanges.by_codes("init", "return", NOW) is None
    assert await exchanges.by_codes("init", "return-2", flow.expires_at) is None, "the flow's time is over"
    done = await exchanges.by_codes("init", "return-2", NOW)
    assert done is not None and done.sealed_token == "sealed"
    assert await exchanges.take("x1") is True
    assert await exchanges.take("x1") is False
