"""F19: any number of workers on one queue. Each mail goes out once, also when one of them is killed."""

from collections import Counter
from contextlib import AsyncExitStack

import pytest

from integration.faults.couriers import Queue, kill, mail, until
from unit.courier.smtp_servers import Sink, mail_server

pytestmark = pytest.mark.anyio
PEOPLE = [f"p{number}@mail.test" for number in range(100)]


def arrived(sink: Sink) -> Counter[str]:
    return Counter(one.recipients[0] for one in sink.received)


async def test_f19_three_workers_send_a_hundred_mails_once_each(queue: Queue) -> None:
    sink = Sink()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(mail_server(sink, port=queue.smtp_port))
        for _ in range(3):
            await stack.enter_async_context(queue.worker())
        await queue.put(*map(mail, PEOPLE))
        await until(queue.all_sent)
    assert arrived(sink) == Counter(PEOPLE)
    assert {row["send_count"] for row in await queue.rows()} == {1}


async def test_f19_one_of_them_is_killed_and_no_mail_is_lost(queue: Queue) -> None:
    sink = Sink()
    async with mail_server(sink, port=queue.smtp_port), queue.worker(), queue.worker() as doomed:
        await queue.put(*map(mail, PEOPLE))

        async def begun() -> bool:
            return len(sink.received) > 10

        await until(begun)
        kill(doomed)
        await doomed.wait()
        await queue.end_leases()
        await until(queue.all_sent)
    assert set(arrived(sink)) == set(PEOPLE)
    ids = {one.mail["Message-ID"] for one in sink.received}
    assert len(ids) == len(PEOPLE)
