"""What becomes an entry, and what it is called."""

from datetime import UTC, datetime, timedelta

import pytest

from identity_server import randomness
from identity_server.audit import events, trail
from identity_server.audit.facts import Fact, together
from identity_server.audit.record import MOST_SESSIONS, Origin
from identity_server.audit.trail import Trail

NOW = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)
ORIGIN = Origin("public", "192.0.2.7", "curl", "r-1")


@pytest.fixture
def begun():
    found = Trail(ORIGIN, lambda: NOW)
    trail.follow(found)
    yield found
    trail.follow(None)


def names(found: Trail, *facts: Fact) -> list[str]:
    return [entry.event for entry in found.records(facts)]


def test_the_session_of_a_new_identity_belongs_to_it():
    facts = [Fact(events.IDENTITY_CREATED, "a"), Fact(events.SESSION_ISSUED, "a", sessions=("s",))]
    assert together(facts) == [Fact(events.IDENTITY_CREATED, "a", sessions=("s",))]


def test_parts_of_one_change_are_one_fact():
    facts = [Fact(events.IDENTITY_UPDATED, "a", changed=(name,)) for name in ("addresses", "addresses", "credentials")]
    assert together(facts) == [Fact(events.IDENTITY_UPDATED, "a", changed=("addresses", "credentials"))]
    assert len(together([*facts, Fact(events.IDENTITY_UPDATED, "b")])) == 2


@pytest.mark.parametrize(
    ("kind", "fact", "name"), [(kind, *each) for kind, names in events.FULFILS.items() for each in names.items()]
)
def test_a_flow_succeeds_once(begun, kind, fact, name):
    trail.entered(kind, "f")
    assert names(begun, Fact(fact, "a"), Fact(events.SESSION_REVOKED, "a")) == [name, events.SESSION_REVOKED]
    assert names(begun, Fact(fact, "a")) == [fact]
    trail.refused(["too late"])
    assert begun.failure() is None


@pytest.mark.parametrize("kind", events.FAILS)
def test_a_refused_submission_failed(begun, kind):
    trail.entered(kind, "f")
    assert begun.failure() is None, "a form that is shown again is no failure by itself"
    trail.refused([])
    trail.asked("code")
    trail.concerns("a")
    trail.refused(["4000006 wrong", "4000002 missing"])
    entry = begun.failure()
    assert (entry.event, entry.result, entry.identity_id) == (events.FAILS[kind], "failure", "a")
    assert entry.document["reason"] == "4000006 wrong; 4000002 missing"
    assert (entry.document["flow_id"], entry.document["method"]) == ("f", "code")


def test_codes_that_people_ask_for_are_no_change_and_those_of_operators_are(begun):
    fact = Fact(events.RECOVERY_BY_ADMIN, "a")
    assert names(begun, fact) == []
    assert names(Trail(Origin("admin", "", "", ""), lambda: NOW), fact) == [events.RECOVERY_BY_ADMIN]


def test_without_a_trail_nothing_happens():
    trail.entered("login", "f")
    trail.refused(["x"])
    trail.identified("a")
    assert trail.current() is None


def test_a_session_does_not_make_an_operator_a_person(begun):
    begun.origin = Origin("admin", "", "", "")
    trail.admitted("robot")
    trail.identified("a")
    assert begun.actor == "admin_key:robot"


def test_thousands_of_sessions_are_counted(begun):
    (entry,) = begun.records([Fact(events.SESSION_REVOKED, "a", sessions=tuple(map(str, range(5000))))])
    assert (len(entry.document["sessions"]), entry.document["sessions_total"]) == (MOST_SESSIONS, 5000)


def test_ids_sort_as_time_does():
    moments = [NOW + timedelta(microseconds=step) for step in (0, 1, 2, 999, 1000, 1_000_000, 10**12)]
    ids = [randomness.ordered_id(moment, place) for moment in moments for place in (0, 1, 2)]
    assert ids == sorted(ids)
    assert {one[14] for one in ids} == {"7"}
    assert {one[19] for one in ids} <= set("89ab")
    assert len({randomness.ordered_id(NOW) for _ in range(100)}) == 100
