"""Both databases list identities, sessions and messages the same way."""

from datetime import UTC, datetime

import pytest

from identity_server import randomness
from identity_server.courier.message import Message
from identity_server.identity.model import Address, Credential, Identity
from identity_server.schema import normalize
from identity_server.session.model import Session
from identity_server.storage import courier_listing, listing, session_listing
from identity_server.storage.courier import CourierMessages
from identity_server.storage.identities import Identities, group
from identity_server.storage.listing import Wanted
from identity_server.storage.port import Database
from identity_server.storage.sessions import Sessions
from identity_server.wiring import canonical

pytestmark = pytest.mark.anyio
NOW, LATER = "2026-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z"
ORGANIZATION = "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"


def an_identity(name: str, **kinds: list[str]) -> Identity:
    email = f"{name}@example.com"
    credentials = {kind: Credential(kind, names, {}, 0, NOW, NOW) for kind, names in kinds.items()}
    credentials.setdefault("password", Credential("password", [email], {"hashed_password": "x"}, 0, NOW, NOW))
    return Identity(
        id=randomness.new_id(),
        schema_id="default",
        traits={"email": email},
        created_at=NOW,
        updated_at=NOW,
        state_changed_at=NOW,
        recovery_addresses=[Address(randomness.new_id(), email, "email", NOW, NOW)],
        credentials=credentials,
    )


@pytest.fixture
def store(database: Database) -> Identities:
    return Identities(database, canonical, normalize.address)


async def ids(database: Database, wanted: Wanted, position: str = "", limit: int = 100) -> list[str]:
    rows = await database.fetch(listing.after(wanted, position, limit, database.dialect))
    return [row[0] for row, _ in group(rows)] if wanted.with_credentials else [row[0] for row in rows]


async def test_pages_hold_everybody_once_in_order(store: Identities, database: Database) -> None:
    people = [an_identity(f"p{number}") for number in range(7)]
    assert await store.insert_many(people) == [None] * 7
    everybody = sorted(each.id for each in people)
    seen: list[str] = []
    while page := await ids(database, Wanted(), seen[-1] if seen else "", 3):
        seen += page
    assert seen == everybody


async def test_credentials_come_along_and_do_not_count(store: Identities, database: Database) -> None:
    await store.insert_many(
        [an_identity(f"p{number}", oidc=[f"a:{number}"], totp=[str(number)]) for number in range(4)]
    )
    rows = await database.fetch(listing.after(Wanted(with_credentials=True), "", 3, database.dialect))
    found = group(rows)
    assert [sorted(row.type for row in credentials) for _, credentials in found] == [["oidc", "password", "totp"]] * 3


async def test_filters(store: Identities, database: Database) -> None:
    ada = an_identity("ada", oidc=["acme:S-1"], code=["+4915112345678"])
    bob = an_identity("bob")
    bob.organization_id = ORGANIZATION
    await store.insert_many([ada, bob])
    assert await ids(database, Wanted(ids=[ada.id, ada.id, ORGANIZATION])) == [ada.id]
    assert await ids(database, Wanted(ids=[])) == []
    assert await ids(database, Wanted(organization_id=ORGANIZATION)) == [bob.id]
    assert await ids(database, Wanted(canonical="ada@example.com", exact="ADA@example.com")) == [ada.id]
    assert await ids(database, Wanted(canonical="+4915112345678", exact="x")) == [ada.id]
    assert await ids(database, Wanted(canonical="acme:s-1", exact="acme:S-1")) == [ada.id]
    assert await ids(database, Wanted(canonical="acme:s-1", exact="acme:s-1")) == []
    assert await ids(database, Wanted(canonical="ada", exact="ada")) == []


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("ada", ["ada", "adam"]),
        ("ada@", ["ada"]),
        ("", ["ada", "adam", "bob", "b%c"]),
        ("a%", []),
        ("b%", ["b%c"]),
        ("_", []),
    ],
)
async def test_prefixes_are_no_patterns(store: Identities, database: Database, prefix: str, found: list[str]) -> None:
    people = {name: an_identity(name) for name in ("ada", "adam", "bob", "b%c")}
    await store.insert_many(list(people.values()))
    seen = await ids(database, Wanted(canonical=prefix, exact=prefix, is_prefix=True))
    assert sorted(seen) == sorted(people[name].id for name in found)


async def test_pages_by_number_know_the_total(store: Identities, database: Database) -> None:
    people = [an_identity(f"p{number}") for number in range(5)]
    await store.insert_many(people)
    rows, total = await listing.numbered(database, Wanted(), 2, 2)
    assert ([row[0] for row in rows], total) == (sorted(each.id for each in people)[2:4], 5)
    rows, total = await listing.numbered(database, Wanted(ids=[people[0].id], with_credentials=True), 0, 2)
    assert (len(rows), total) == (1, 1)


async def test_many_are_stored_together_and_the_colliding_ones_are_named(store: Identities) -> None:
    people = [an_identity(f"p{number % 30}") for number in range(60)]
    results = await store.insert_many(people)
    assert [result is None for result in results] == [True] * 30 + [False] * 30


async def test_an_identity_with_many_names_is_stored_whole(store: Identities) -> None:
    identity = an_identity("ada", oidc=[f"acme:{number}" for number in range(20)])
    await store.insert(identity)
    assert await store.by_id(identity.id) == identity


async def sessions_of(database: Database, owner: Identity, count: int) -> list[str]:
    store = Sessions(database)
    made: list[str] = []
    for number in range(count):
        stamp = f"2026-01-01T00:00:{number // 2:02}.000000Z"
        session = Session(
            randomness.new_id(), owner.id, NOW, NOW, LATER, stamp, stamp, token=randomness.session_token()
        )
        session.active = number != 0
        await store.insert(session)
        made.append(session.id)
    return made


async def test_sessions_newest_first_each_once(store: Identities, database: Database) -> None:
    ada = an_identity("ada")
    await store.insert(ada)
    made = await sessions_of(database, ada, 7)
    seen: list[tuple[str, str]] = []
    while True:
        position = (seen[-1][1], seen[-1][0]) if seen else ()
        rows = await database.fetch(session_listing.page(None, position, 2, NOW))
        if not rows:
            break
        seen += [(row[0], row[9]) for row in rows]
    assert sorted(each for each, _ in seen) == sorted(made)
    assert [stamp for _, stamp in seen] == sorted((stamp for _, stamp in seen), reverse=True)


async def test_sessions_by_activity(store: Identities, database: Database) -> None:
    ada = an_identity("ada")
    await store.insert(ada)
    made = await sessions_of(database, ada, 3)
    alive = await database.fetch(session_listing.page(True, (), 10, NOW))
    dead = await database.fetch(session_listing.page(False, (), 10, NOW))
    assert ({row[0] for row in alive}, {row[0] for row in dead}) == (set(made[1:]), {made[0]})
    assert len(await database.fetch(session_listing.page(False, (), 10, LATER))) == 3


async def test_ending_many_sessions(store: Identities, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = an_identity("ada"), an_identity("bob")
    await store.insert_many([ada, bob])
    of_ada, of_bob = await sessions_of(database, ada, 5), await sessions_of(database, bob, 3)
    assert await session_listing.end(database, "disable", "session", of_ada[:2], NOW) == (1, False)
    assert await session_listing.end(database, "disable", "identity", [ada.id], NOW) == (3, False)
    assert await session_listing.end(database, "delete", "identity", [ada.id], NOW) == (5, False)
    monkeypatch.setattr(session_listing, "BATCH", 2)
    assert await session_listing.end(database, "delete", "everybody", (), NOW) == (2, True)
    assert await session_listing.end(database, "delete", "everybody", (), NOW) == (1, False)
    assert of_bob


async def test_messages_newest_first_with_filters(database: Database) -> None:
    moments = iter(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in range(10))
    store = CourierMessages(database, lambda: next(moments))
    made = [Message("email", recipient, "x") for recipient in ("a@x.example", "b@x.example", "a@x.example")]
    for message in made:
        assert await store.enqueue([message]) == [True]
    first, second, third = (message.id for message in made)
    await store.claim(1, 60, "worker")
    await store.sent(first, "worker")

    async def seen(position: tuple[str, ...] = (), **filters: str) -> list[str]:
        return [row[0] for row in await database.fetch(courier_listing.page(position, 10, **filters))]

    assert await seen() == [third, second, first]
    assert await seen(("2026-01-01T00:00:01.000000Z", second)) == [first]
    assert await seen(recipient="a@x.example") == [third, first]
    assert await seen(recipient="a@x.example", status="sent") == [first]
    assert (await database.fetch(courier_listing.one(first)))[0][0] == first
    ((_, message_id, status, error, *_),) = await database.fetch(courier_listing.dispatches(first))
    assert (message_id, status, error) == (first, "success", None)
