"""F17: the mail server refuses, hangs, breaks off. One bad mail never holds up the next, and reasons are kept."""

import pytest

from identity_server.courier.message import Message
from integration.faults.couriers import Queue, mail, until
from unit.courier.smtp_servers import CLOSE, HANG, Script, Sink, mail_server, scripted_server

pytestmark = pytest.mark.anyio


async def status(queue: Queue, message: Message) -> str:
    return next(row["status"] for row in await queue.rows() if row["id"] == message.id)


@pytest.mark.parametrize("reply", ["451 later", "550 never"])
async def test_f17_a_refused_mail_is_tried_again_then_given_up_and_others_arrive(queue: Queue, reply: str) -> None:
    sink = Sink(refuse={"bad@mail.test": reply})
    bad, good = mail("bad@mail.test"), mail("good@mail.test")
    await queue.put(bad, good)
    async with mail_server(sink, port=queue.smtp_port), queue.worker({"message_retries": 2}):

        async def done() -> bool:
            return (await status(queue, bad), await status(queue, good)) == ("abandoned", "sent")

        await until(done)
    attempts = await queue.messages.dispatches(bad.id)
    assert [attempt.status for attempt in attempts] == ["failed"] * 3
    assert all(reply in (attempt.error or "") for attempt in attempts)
    assert [one.recipients for one in sink.received] == [["good@mail.test"]]


async def test_f17_a_server_that_is_busy_takes_the_mail_at_the_next_attempt(queue: Queue) -> None:
    answers = iter(["451 busy", "250 taken"])
    sink = Sink(answer_data=lambda: next(answers))
    message = mail()
    await queue.put(message)
    async with mail_server(sink, port=queue.smtp_port), queue.worker():
        await until(queue.all_sent)
    assert [attempt.status for attempt in await queue.messages.dispatches(message.id)] == ["success", "failed"]
    assert len(sink.received) == 1


async def test_f17_a_mail_that_hangs_does_not_hold_up_the_next(queue: Queue) -> None:
    hanging = Script({".": HANG})
    stuck = mail("stuck@mail.test")
    await queue.put(stuck)
    async with queue.worker() as process:
        async with scripted_server(hanging, port=queue.smtp_port):
            await hanging.reached.wait()
            hanging.answers = {}
            following = mail("next@mail.test")
            await queue.put(following)

            async def arrived() -> bool:
                return await status(queue, following) == "sent"

            await until(arrived)
            assert await status(queue, stuck) == "processing"
        assert process.returncode is None


async def test_f17_a_server_that_breaks_off_is_tried_again(queue: Queue) -> None:
    rude = Script({"RCPT": CLOSE})
    message = mail()
    await queue.put(message)
    async with queue.worker():
        async with scripted_server(rude, port=queue.smtp_port):

            async def failed() -> bool:
                return bool(await queue.messages.dispatches(message.id))

            await until(failed)
        sink = Sink()
        async with mail_server(sink, port=queue.smtp_port):
            await until(queue.all_sent)
    assert len(sink.received) == 1
