"""F18: a worker is killed, or asked to end, while the mail server thinks about a mail."""

import email
from datetime import timedelta

import pytest

from identity_server import times
from integration.faults.couriers import Queue, kill, mail, until
from unit.courier.smtp_servers import HANG, Script, Sink, mail_server, scripted_server

pytestmark = pytest.mark.anyio
LONGEST_LEASE = timedelta(seconds=60)


async def test_f18_what_a_killed_worker_held_is_sent_again_under_the_same_id(queue: Queue) -> None:
    thinking = Script({".": HANG})
    message = mail()
    await queue.put(message)
    async with scripted_server(thinking, port=queue.smtp_port), queue.worker() as process:
        await thinking.reached.wait()
        kill(process)
        await process.wait()
    (row,) = await queue.rows()
    assert (row["status"], row["send_count"]) == ("processing", 1)
    assert times.parse(row["due_at"]) < times.system_clock() + LONGEST_LEASE
    await queue.end_leases()
    sink = Sink()
    async with mail_server(sink, port=queue.smtp_port), queue.worker():
        await until(queue.all_sent)
    (again,) = sink.received
    first = email.message_from_bytes(thinking.bodies[0])
    assert again.mail["Message-ID"] == first["Message-ID"] == f"<{message.id}@mail.test>"


async def test_f18_a_worker_that_is_asked_to_end_puts_its_mail_back(queue: Queue) -> None:
    thinking = Script({".": HANG})
    await queue.put(mail())
    async with scripted_server(thinking, port=queue.smtp_port), queue.worker() as process:
        await thinking.reached.wait()
        process.terminate()
        assert await process.wait() == 0
    (row,) = await queue.rows()
    assert (row["status"], row["send_count"], row["worker_id"]) == ("queued", 0, None)


async def test_f18_a_worker_that_is_asked_to_end_finishes_what_it_can(queue: Queue) -> None:
    sink = Sink()
    async with mail_server(sink, port=queue.smtp_port), queue.worker() as process:
        await queue.put(*(mail(f"p{number}@mail.test") for number in range(20)))

        async def begun() -> bool:
            return bool(sink.received)

        await until(begun)
        process.terminate()
        assert await process.wait() == 0
    assert await queue.statuses() <= {"sent", "queued"}
    assert len(sink.received) == sum(row["status"] == "sent" for row in await queue.rows())
