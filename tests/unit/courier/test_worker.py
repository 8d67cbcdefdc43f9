"""The loop: everything goes out once, or is tried again, whatever happens around it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import structlog

from identity_server.courier.channels.smtp import SmtpChannel
from identity_server.courier.channels.smtp_settings import smtp_settings
from identity_server.courier.delivery import Settings
from identity_server.courier.errors import Refused, Unreachable
from identity_server.courier.message import Message
from identity_server.courier.pacing import OUTAGE_LONGEST, Outage, pause_after
from identity_server.courier.ports import Channel
from identity_server.courier.worker import Worker
from identity_server.times import system_clock
from unit.courier.memory_store import ManualClock, MemoryStore
from unit.courier.smtp_servers import CLOSE, HANG, Script, Sink, mail_server, scripted_server

pytestmark = pytest.mark.anyio

Act = Callable[[Message], Awaitable[None]]
QUICK = Settings(pull_wait=0.01, lease=0.3, grace=0.2)


class Recorder:
    """A channel that notes what it is given, and then does what it is told for the recipient."""

    def __init__(self, **acts: Act) -> None:
        self.acts = acts
        self.sent: list[str] = []
        self.tried: list[str] = []

    async def send(self, message: Message) -> None:
        name = message.recipient.split("@")[0]
        self.tried.append(name)
        if name in self.acts:
            await self.acts[name](message)
        self.sent.append(name)


async def hang(message: Message) -> None:
    await asyncio.Event().wait()


async def refuse(message: Message) -> None:
    raise Refused("550 no such mailbox", "reply 550")


async def vanish(message: Message) -> None:
    raise Unreachable("nobody there", "unreachable")


def mail(name: str = "irma", channel: str = "email", **more: Any) -> Message:
    return Message(
        "email", f"{name}@mail.test", "recovery_code_valid", "Code 123456", "123456", channel=channel, **more
    )


def smtp(port: int, **seconds: float) -> SmtpChannel:
    uri = f"smtp://127.0.0.1:{port}/?disable_starttls=true"
    return SmtpChannel(smtp_settings({"connection_uri": uri, "from_address": "shop@app.test"}), system_clock, **seconds)


class Running:
    """A worker that runs beside the test."""

    def __init__(self, store: MemoryStore, channel: Channel, settings: Settings = QUICK) -> None:
        self.stop = asyncio.Event()
        self.worker = Worker(store, {"email": channel}, store.clock, settings)
        self.task = asyncio.create_task(self.worker.run(self.stop))

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(10):
            await self.task

    async def kill(self) -> None:
        """Ends it as a signal would: nothing more is written to the store."""
        self.worker._store = DeadStore()  # type: ignore[assignment]
        self.worker._delivery._store = DeadStore()  # type: ignore[assignment]
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


class DeadStore:
    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: Any, **__: Any) -> Any:
            return []

        return nothing


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the store in memory tells nobody
            await asyncio.sleep(0.005)


@pytest.fixture
def store() -> MemoryStore:
    """A queue on the real clock; those on a clock by hand are made where they are needed."""
    return MemoryStore()


def worker(store: MemoryStore, channel: Channel, **settings: Any) -> Worker:
    return Worker(store, {"email": channel}, store.clock, Settings(**settings))


# -- the usual -----------------------------------------------------------------------------------------------


async def test_a_message_is_sent_once_and_noted(store: MemoryStore) -> None:
    recorder = Recorder()
    await store.enqueue([mail()])
    assert await worker(store, recorder).run_once() == 1
    assert await worker(store, recorder).run_once() == 0
    message = store.only()
    assert (message.status, message.send_count, recorder.sent) == ("sent", 1, ["irma"])
    (dispatch,) = await store.dispatches(message.id)
    assert (dispatch.status, dispatch.error, dispatch.message_id) == ("success", None, message.id)


async def test_a_running_worker_sends_what_is_queued_later(store: MemoryStore) -> None:
    recorder = Recorder()
    running = Running(store, recorder)
    for number in range(30):
        await store.enqueue([mail(f"p{number}")])
        await asyncio.sleep(0)
    await until(lambda: store.statuses() == ["sent"] * 30)
    await running.end()
    assert sorted(recorder.sent) == sorted(f"p{number}" for number in range(30))


async def test_f19_several_workers_send_each_message_once(store: MemoryStore) -> None:
    recorder = Recorder()
    await store.enqueue([mail(f"p{number}") for number in range(100)])
    workers = [Running(store, recorder) for _ in range(3)]
    await until(lambda: store.statuses() == ["sent"] * 100)
    for running in workers:
        await running.end()
    assert set(Counter(recorder.sent).values()) == {1} and len(recorder.sent) == 100


async def test_no_more_are_claimed_than_can_be_sent_at_a_time(store: MemoryStore) -> None:
    recorder = Recorder(**{f"p{number}": hang for number in range(20)})
    await store.enqueue([mail(f"p{number}") for number in range(20)])
    running = Running(store, recorder, Settings(pull_wait=0.01, parallel=3, grace=0.0))
    await until(lambda: len(recorder.tried) == 3)
    await asyncio.sleep(0.1)
    assert Counter(store.statuses()) == {"processing": 3, "queued": 17}
    await running.end()


# -- refusals ------------------------------------------------------------------------------------------------


async def test_f17_a_refused_message_is_tried_again_and_then_given_up(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    await store.enqueue([mail("gone")])
    busy = worker(store, Recorder(gone=refuse), retries=2, pull_wait=0.1)
    pauses: list[float] = []
    while store.only().status != "abandoned":
        assert await busy.run_once() == 1
        assert await busy.run_once() == 0
        pauses.append(round(store.pause(store.only()), 3))
        clock.advance(seconds=pauses[-1])
    assert pauses[:-1] == [0.1, 0.4]
    assert store.only().send_count == 3
    errors = [dispatch.error for dispatch in await store.dispatches(store.only().id)]
    assert errors == ["550 no such mailbox"] * 3
    assert await busy.run_once() == 0


async def test_a_message_that_gets_through_later_is_sent(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    answers = [refuse, refuse]

    async def sometimes(message: Message) -> None:
        if answers:
            await answers.pop()(message)

    await store.enqueue([mail("jo")])
    slow = worker(store, Recorder(jo=sometimes), retries=4)
    for _ in range(3):
        await slow.run_once()
        clock.advance(minutes=1)
    assert (store.only().status, store.only().send_count) == ("sent", 3)
    assert [item.status for item in await store.dispatches(store.only().id)] == ["success", "failed", "failed"]


async def test_a_message_for_a_channel_that_is_not_there_waits_for_it(store: MemoryStore) -> None:
    await store.enqueue([mail(channel="sms"), mail("other")])
    await worker(store, Recorder(), retries=0).run_once()
    assert store.statuses() == ["queued", "sent"]
    assert store.attempts[0].error == "no channel 'sms' is configured"
    await Worker(store, {"sms": Recorder()}, store.clock).run_once()
    assert store.statuses() == ["sent", "sent"]


async def test_an_unexpected_error_is_this_messages_alone(store: MemoryStore) -> None:
    async def stumble(message: Message) -> None:
        raise RuntimeError("the body is 123456")

    recorder = Recorder(bad=stumble)
    await store.enqueue([mail("bad"), mail("good")])
    await worker(store, recorder, retries=0).run_once()
    assert store.statuses() == ["abandoned", "sent"]
    assert store.attempts[0].error == "the message cannot be sent (RuntimeError)"


async def test_f17_one_hanging_mail_does_not_hold_up_the_others(store: MemoryStore) -> None:
    recorder = Recorder(slow=hang)
    await store.enqueue([mail("slow"), *(mail(f"p{number}") for number in range(20))])
    running = Running(store, recorder)
    await until(lambda: len(recorder.sent) == 20)
    assert store.messages[0].status == "processing"
    await running.end()


# -- a channel out of reach ----------------------------------------------------------------------------------


async def test_f16_a_server_that_is_away_costs_no_attempt_and_all_mail_goes_out_on_its_return(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity_server.courier.pacing.OUTAGE_FIRST", 0.05)
    sink = Sink()
    async with mail_server(sink) as port:
        pass
    await store.enqueue([mail(f"p{number}") for number in range(8)])
    running = Running(store, smtp(port), Settings(retries=1, pull_wait=0.01))
    await asyncio.sleep(1.0)
    assert set(store.statuses()) <= {"queued", "processing"}
    # An attempt counts while it is under way.
    assert all(message.send_count == (message.status == "processing") for message in store.messages)
    async with mail_server(sink, port=port):
        await until(lambda: store.statuses() == ["sent"] * 8)
    await running.end()
    assert len(sink.received) == 8
    assert {received.mail["Message-ID"] for received in sink.received} == {
        f"<{message.id}@app.test>" for message in store.messages
    }
    failed = [attempt for attempt in store.attempts if attempt.status == "failed"]
    assert len(failed) == 1 and "cannot be reached" in str(failed[0].error)


async def test_f16_a_message_waits_for_its_server_for_two_days(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    await store.enqueue([mail("p")])
    patient = worker(store, Recorder(p=vanish), retries=0)
    clock.advance(hours=47)
    await patient.run_once()
    assert (store.only().status, store.only().send_count) == ("queued", 0)
    clock.advance(hours=2)
    await worker(store, Recorder(p=vanish), retries=0).run_once()
    assert store.only().status == "abandoned"


async def test_a_channel_out_of_reach_does_not_hold_up_another(store: MemoryStore) -> None:
    email, sms = Recorder(p=vanish), Recorder()
    both = Worker(store, {"email": email, "sms": sms}, store.clock, QUICK)
    for _ in range(5):
        await store.enqueue([mail("p"), mail("q", channel="sms")])
    for _ in range(5):
        await both.run_once()
    assert len(sms.sent) == 5
    # Five were under way together when the outage began; none was tried after that.
    assert len(email.tried) <= 5 and not email.sent


def test_the_pauses_of_an_outage_end_within_half_a_minute_of_the_return() -> None:
    outage, now, pauses = Outage(), 100.0, []
    for _ in range(8):
        pauses.append(outage.failed(now))
        assert outage.failed(now) == pauses[-1]
        now += pauses[-1]
        assert not outage.lasts(now)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 15.0]
    assert OUTAGE_LONGEST <= 30
    outage.ended()
    assert not outage.known


def test_the_pauses_between_attempts_outlast_greylisting() -> None:
    pauses = [pause_after(attempts, 1.0).total_seconds() for attempts in range(1, 9)]
    assert pauses == [1, 4, 16, 64, 256, 900, 900, 900]
    assert sum(pauses[:5]) > 300


# -- workers that end ----------------------------------------------------------------------------------------


async def test_f18_a_worker_killed_between_data_and_250_loses_nothing(store: MemoryStore) -> None:
    script = Script({".": HANG})
    await store.enqueue([mail()])
    async with scripted_server(script) as port:
        killed = Running(store, smtp(port))
        await asyncio.wait_for(script.reached.wait(), 10)
        await killed.kill()
    assert store.only().status == "processing"
    sink = Sink()
    async with mail_server(sink) as port:
        next_one = Running(store, smtp(port))
        await until(lambda: store.only().status == "sent")
        await next_one.end()
    message_id = store.only().id
    assert [received.mail["Message-ID"] for received in sink.received] == [f"<{message_id}@app.test>"]
    assert f"Message-ID: <{message_id}@app.test>".encode() in script.bodies[0]


async def test_a_slow_mail_keeps_its_lease(store: MemoryStore) -> None:
    release = asyncio.Event()

    async def wait(message: Message) -> None:
        await release.wait()

    recorder = Recorder(slow=wait)
    await store.enqueue([mail("slow")])
    first, second = Running(store, recorder), Running(store, recorder)
    await until(lambda: len(store.extended) >= 6)
    release.set()
    await until(lambda: store.only().status == "sent")
    await first.end()
    await second.end()
    assert recorder.tried == ["slow"]


async def test_a_stopped_worker_finishes_its_mail(store: MemoryStore) -> None:
    async def brief(message: Message) -> None:
        await asyncio.sleep(0.05)

    recorder = Recorder(p=brief)
    await store.enqueue([mail("p"), mail("q")])
    running = Running(store, recorder)
    await until(lambda: "p" in recorder.tried)
    await running.end()
    assert store.messages[0].status == "sent"


async def test_a_stopped_worker_puts_back_what_it_cannot_finish(store: MemoryStore) -> None:
    await store.enqueue([mail("slow"), mail("other")])
    recorder = Recorder(slow=hang, other=hang)
    running = Running(store, recorder)
    await until(lambda: len(recorder.tried) == 2)
    await running.end()
    assert [(message.status, message.send_count) for message in store.messages] == [("queued", 0)] * 2
    assert not store.attempts


async def test_a_cancelled_worker_puts_back_what_it_cannot_finish(store: MemoryStore) -> None:
    await store.enqueue([mail("slow")])
    recorder = Recorder(slow=hang)
    running = Running(store, recorder)
    await until(lambda: bool(recorder.tried))
    running.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running.task
    assert store.only().status == "queued"


# -- a store out of reach ------------------------------------------------------------------------------------


async def test_a_worker_outlives_its_store(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity_server.courier.worker.STORE_PAUSE", 0.01)
    store.broken = True
    await store.enqueue([mail()])
    running = Running(store, Recorder())
    await asyncio.sleep(0.2)
    assert not running.task.done()
    store.broken = False
    await until(lambda: store.only().status == "sent")
    await running.end()


async def test_a_delivery_that_cannot_be_noted_is_made_again(store: MemoryStore) -> None:
    noted = store.sent
    calls = 0

    async def sent(message_id: str, worker_id: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionError("the database is away")
        await noted(message_id, worker_id)

    store.sent = sent  # type: ignore[method-assign]
    await store.enqueue([mail()])
    recorder = Recorder()
    running = Running(store, recorder)
    await until(lambda: store.only().status == "sent")
    await running.end()
    assert recorder.sent == ["irma", "irma"]


# -- logs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"RCPT": "550 your subject Code 123456 is spam"},
        {"": "421 123456"},
        {"MAIL": CLOSE},
        {".": "451 Code 123456"},
    ],
)
async def test_t31_no_log_line_has_a_code_a_subject_or_a_recipient(store: MemoryStore, answers: dict[str, str]) -> None:
    await store.enqueue([mail()])
    with structlog.testing.capture_logs() as logs:
        async with scripted_server(Script(answers)) as port:
            await worker(store, smtp(port), retries=0).run_once()
    assert logs
    for line in logs:
        assert "123456" not in str(line) and "irma" not in str(line) and "Code" not in str(line)
    assert any(line.get("template_type") == "recovery_code_valid" or line.get("cause") for line in logs)


async def test_the_reason_is_kept_for_the_operator(store: MemoryStore) -> None:
    await store.enqueue([mail()])
    async with scripted_server(Script({"RCPT": "550 no such mailbox"})) as port:
        await worker(store, smtp(port), retries=0).run_once()
    assert store.attempts[0].error == "the mail server refuses the mail: 550 no such mailbox"


def test_the_defaults_are_kratos() -> None:
    settings = Settings()
    assert (settings.retries, settings.pull_count, settings.pull_wait) == (5, 10, 1.0)
    assert settings.lease <= 60
