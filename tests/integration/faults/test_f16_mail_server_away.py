"""F16: the mail server is away. Mail waits, is never given up, and arrives once when it is back."""

import pytest

from integration.faults.couriers import Queue, mail, until
from unit.courier.smtp_servers import Script, Sink, mail_server, scripted_server

pytestmark = pytest.mark.anyio


async def noticed(queue: Queue) -> bool:
    """Whether the first attempt has failed."""
    found = [await queue.messages.dispatches(row["id"]) for row in await queue.rows()]
    return any(found)


async def test_f16_mail_waits_for_its_server_and_arrives_once(queue: Queue) -> None:
    sink = Sink()
    await queue.put(*(mail(f"p{number}@mail.test") for number in range(8)))
    async with queue.worker({"message_retries": 0}):
        await until(lambda: noticed(queue))
        assert "abandoned" not in await queue.statuses()
        async with mail_server(sink, port=queue.smtp_port):
            await until(queue.all_sent)
    # The attempts without a server did not count.
    assert {row["send_count"] for row in await queue.rows()} == {1}
    assert sorted(one.recipients[0] for one in sink.received) == [f"p{number}@mail.test" for number in range(8)]


@pytest.mark.parametrize("greeting", ["421 too busy", "554 go away"])
async def test_f16_a_server_that_lets_nobody_in_is_away_too(queue: Queue, greeting: str) -> None:
    sink = Sink()
    await queue.put(mail())
    async with queue.worker({"message_retries": 0}):
        async with scripted_server(Script({"": greeting}), port=queue.smtp_port):
            await until(lambda: noticed(queue))
        async with mail_server(sink, port=queue.smtp_port):
            await until(queue.all_sent)
    assert len(sink.received) == 1
