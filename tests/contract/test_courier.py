"""Both databases keep the message queue the same way."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from identity_server import times
from identity_server.courier.message import Message
from identity_server.courier.ports import Limit
from identity_server.randomness import new_id
from identity_server.storage import tables
from identity_server.storage.courier import CourierMessages
from identity_server.storage.port import Database, Statement

pytestmark = pytest.mark.anyio
ROW = Statement(select(tables.courier_messages).where(tables.courier_messages.c.id == bindparam("id")))
ALL = Statement(select(tables.courier_messages))
COLUMNS = tables.courier_messages.c.keys()
LEASE = 20.0


class ManualClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Queue(CourierMessages):
    """The store, its clock, and a look at its rows."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.database = database
        super().__init__(database, self.clock)

    async def row(self, message: Message) -> dict[str, Any]:
        rows = await self.database.fetch(ROW(id=message.id))
        return dict(zip(COLUMNS, rows[0], strict=True))

    async def put(self, *messages: Message) -> None:
        assert all(await self.enqueue(messages))


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def mail(to: str = "ida@mail.test", **changes: Any) -> Message:
    return Message("email", to, "stub", subject="s", body="b", html_body="<p>", **changes)


def ids(messages: list[Message]) -> set[str]:
    return {message.id for message in messages}


async def test_a_message_comes_back_as_it_was_stored(queue: Queue) -> None:
    stored = mail(template_data={"to": "ida@mail.test", "n": [1, None]}, request_headers={"Accept": ["x"]})
    await queue.put(stored)
    (found,) = await queue.claim(10, LEASE, "w")
    stored.status, stored.created_at = "processing", times.text(queue.clock())
    stored.updated_at, stored.send_count = stored.created_at, 1
    assert found == stored


async def test_nul_does_not_keep_a_message_from_being_stored(queue: Queue) -> None:
    message = mail(template_data={"name": "a\0b"})
    message.subject, message.body = "su\0bject", "bo\0dy"
    await queue.put(message)
    (found,) = await queue.claim(10, LEASE, "w")
    assert (found.subject, found.body, found.template_data) == ("subject", "body", {"name": "a\0b"})


async def test_the_oldest_are_claimed_first_and_no_more_than_asked_for(queue: Queue) -> None:
    messages = [mail() for _ in range(5)]
    for message in messages:
        await queue.put(message)
        queue.clock.advance(1)
    assert [message.id for message in await queue.claim(3, LEASE, "w")] == [message.id for message in messages[:3]]
    assert [message.id for message in await queue.claim(3, LEASE, "v")] == [message.id for message in messages[3:]]
    assert await queue.claim(3, LEASE, "u") == []


async def test_what_is_claimed_is_leased_until_the_lease_ends(queue: Queue) -> None:
    await queue.put(mail())
    assert len(await queue.claim(9, LEASE, "first")) == 1
    queue.clock.advance(LEASE - 1)
    assert await queue.claim(9, LEASE, "second") == []
    queue.clock.advance(1)
    assert len(await queue.claim(9, LEASE, "second")) == 1


async def test_a_lease_is_renewed_by_its_holder_alone(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "first")
    queue.clock.advance(LEASE - 1)
    await queue.extend([message.id], LEASE, "stranger")
    queue.clock.advance(1)
    assert ids(await queue.claim(9, LEASE, "second")) == {message.id}
    queue.clock.advance(LEASE - 1)
    await queue.extend([message.id], LEASE, "second")
    queue.clock.advance(LEASE - 1)
    assert await queue.claim(9, LEASE, "third") == []


async def test_channels_can_be_left_out(queue: Queue) -> None:
    letter, text = mail(), Message("sms", "+4915112345678", "stub", channel="sms")
    await queue.put(letter, text)
    assert await queue.claim(9, LEASE, "w", ["email", "sms"]) == []
    assert ids(await queue.claim(9, LEASE, "w", ["email"])) == {text.id}
    assert ids(await queue.claim(9, LEASE, "w", {"sms"})) == {letter.id}


async def test_a_sent_message_is_done_and_has_one_dispatch(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "w")
    await queue.sent(message.id, "w")
    row = await queue.row(message)
    assert (row["status"], row["send_count"]) == ("sent", 1)
    (dispatch,) = await queue.dispatches(message.id)
    assert (dispatch.status, dispatch.error, dispatch.message_id) == ("success", None, message.id)
    queue.clock.advance(86400)
    assert await queue.claim(9, LEASE, "w") == []


async def test_sent_holds_although_another_worker_took_over(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "slow")
    queue.clock.advance(LEASE)
    await queue.claim(9, LEASE, "eager")
    await queue.sent(message.id, "slow")
    await queue.failed(message.id, "eager", "no", queue.clock())
    assert (await queue.row(message))["status"] == "sent"
    assert [dispatch.status for dispatch in await queue.dispatches(message.id)] == ["success"]


async def test_a_message_that_is_gone_stays_gone(queue: Queue) -> None:
    await queue.sent(new_id(), "w")
    await queue.failed(new_id(), "w", "no", None)
    assert await queue.database.fetch(ALL()) == []


async def test_a_failed_message_waits_for_its_time(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "w")
    await queue.failed(message.id, "w", "451 b\0usy", queue.clock() + timedelta(seconds=60))
    assert await queue.claim(9, LEASE, "w") == []
    queue.clock.advance(60)
    (again,) = await queue.claim(9, LEASE, "w")
    assert again.send_count == 2
    assert [(d.status, d.error) for d in await queue.dispatches(message.id)] == [("failed", "451 busy")]


async def test_f18_an_attempt_counts_from_its_begin_also_when_it_never_ends(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "killed")
    row = await queue.row(message)
    assert (row["status"], row["send_count"]) == ("processing", 1)
    queue.clock.advance(LEASE)
    (again,) = await queue.claim(9, LEASE, "next")
    assert again.send_count == 2


async def test_what_a_worker_still_holds_is_the_same_attempt(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "cut off")
    queue.clock.advance(LEASE)
    (same,) = await queue.claim(9, LEASE, "cut off")
    assert same.send_count == 1
    await queue.failed(message.id, "cut off", "no", queue.clock())
    (next_one,) = await queue.claim(9, LEASE, "cut off")
    assert next_one.send_count == 2


async def test_an_attempt_need_not_count(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "w")
    await queue.failed(message.id, "w", "away", queue.clock(), counted=False)
    assert (await queue.row(message))["send_count"] == 0


async def test_an_abandoned_message_is_never_claimed_again(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "w")
    await queue.failed(message.id, "w", "550 no", None)
    row = await queue.row(message)
    assert (row["status"], row["send_count"]) == ("abandoned", 1)
    queue.clock.advance(86400)
    assert await queue.claim(9, LEASE, "w") == []


async def test_dispatches_are_listed_newest_first(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    for words in ("one", "two", "three"):
        await queue.claim(9, LEASE, "w")
        await queue.failed(message.id, "w", words, queue.clock())
        queue.clock.advance(1)
    assert [dispatch.error for dispatch in await queue.dispatches(message.id)] == ["three", "two", "one"]


async def test_released_messages_stand_where_they_stood(queue: Queue) -> None:
    first, second = mail(), mail()
    await queue.put(first)
    queue.clock.advance(1)
    await queue.put(second)
    await queue.claim(1, LEASE, "w")
    await queue.release([first.id], "stranger")
    assert (await queue.row(first))["status"] == "processing"
    await queue.release([first.id, second.id], "w")
    (claimed,) = await queue.claim(1, LEASE, "w")
    assert (claimed.id, claimed.send_count) == (first.id, 1)
    assert (await queue.row(second))["send_count"] == 0
    assert await queue.dispatches(first.id) == []


async def test_a_stranger_changes_nothing(queue: Queue) -> None:
    message = mail()
    await queue.put(message)
    await queue.claim(9, LEASE, "w")
    before = await queue.row(message)
    await queue.failed(message.id, "stranger", "no", None)
    assert await queue.row(message) == before
    assert await queue.dispatches(message.id) == []


# -- limits -----------------------------------------------------------------------------------------------

TWO = [Limit(2, timedelta(minutes=10))]


async def test_a_recipient_gets_no_more_than_the_limit_in_its_span(queue: Queue) -> None:
    assert await queue.enqueue([mail(), mail(), mail()], TWO) == [True, True, False]
    assert await queue.enqueue([mail("other@mail.test")], TWO) == [True]
    queue.clock.advance(601)
    assert await queue.enqueue([mail()], TWO) == [True]


async def test_notices_and_what_is_asked_for_are_counted_apart(queue: Queue) -> None:
    def notice() -> Message:
        return Message("email", "ida@mail.test", "verifiable_address_changed")

    assert await queue.enqueue([mail(), mail(), mail()], TWO) == [True, True, False]
    assert await queue.enqueue([notice(), notice(), notice()], TWO) == [True, True, False]
    queue.clock.advance(601)
    assert await queue.enqueue([notice(), mail(), notice(), mail()], TWO) == [True] * 4


async def test_the_narrowest_of_several_limits_holds(queue: Queue) -> None:
    limits = [Limit(5, timedelta(minutes=1)), Limit(3, timedelta(hours=1))]
    assert sum(await queue.enqueue([mail() for _ in range(6)], limits)) == 3


@pytest.mark.parametrize(
    ("one", "same"),
    [("ida@mail.test", "IDA@Mail.Test"), ("+49 151 / 1234", "+491511234"), ("+49-151.1234", "+491511234")],
)
async def test_another_spelling_is_the_same_recipient(queue: Queue, one: str, same: str) -> None:
    def to(recipient: str) -> Message:
        return Message("email" if "@" in recipient else "sms", recipient, "stub")

    limits = [Limit(1, timedelta(hours=1))]
    assert await queue.enqueue([to(one), to(same)], limits) == [True, False]
    assert await queue.count_recent(same, queue.clock() - timedelta(hours=1)) == 1


async def test_parallel_requests_cannot_pass_a_limit_together(queue: Queue) -> None:
    limits = [Limit(3, timedelta(hours=1))]
    outcomes = await asyncio.gather(*(queue.enqueue([mail()], limits) for _ in range(20)))
    assert sum(stored for (stored,) in outcomes) == 3


async def test_parallel_batches_to_the_same_people_do_not_lock_each_other_out(queue: Queue) -> None:
    people = [f"p{number}@mail.test" for number in range(5)]
    batches = [[mail(to) for to in (people if turn % 2 else reversed(people))] for turn in range(10)]
    outcomes = await asyncio.gather(*(queue.enqueue(batch, TWO) for batch in batches))
    assert sum(map(sum, outcomes)) == 2 * len(people)


# -- many workers -------------------------------------------------------------------------------------------


async def test_f19_no_message_is_claimed_twice(queue: Queue) -> None:
    messages = [mail() for _ in range(100)]
    await queue.put(*messages)
    taken: list[str] = []

    async def worker(name: str) -> None:
        while batch := await queue.claim(4, LEASE, name):
            taken.extend(message.id for message in batch)

    await asyncio.gather(*(worker(f"w{number}") for number in range(6)))
    assert sorted(taken) == sorted(message.id for message in messages)
