"""From the configuration to a courier that delivers; what is wrong stops the start with its place."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from identity_server import mail as mails
from identity_server.configuration import Configuration, ConfigurationError, load
from identity_server.courier.message import Message
from identity_server.mail import Mail, build_mail, deliver
from identity_server.mappers.pool import JsonnetPool
from identity_server.outbound.client import OutboundClient
from identity_server.storage.dsn import SqliteDSN
from identity_server.storage.sqlite import SqliteDatabase
from identity_server.times import system_clock
from live_server import configuration

pytestmark = pytest.mark.anyio
Configured = Callable[..., Configuration]


def source(text: str) -> str:
    return "base64://" + base64.b64encode(text.encode()).decode()


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    def make(courier: dict[str, Any]) -> Configuration:
        file = tmp_path / "kratos.json"
        whole = {**configuration("memory", 1, 2), "dev": True, "courier": courier}
        file.write_text(json.dumps(whole))
        return load([str(file)], {}, {})

    return make


def built(configured: Configuration) -> Mail:
    return build_mail(
        configured, SqliteDatabase(SqliteDSN(None)), OutboundClient(environment={}), JsonnetPool(), system_clock
    )


async def test_the_configuration_becomes_channels_and_the_workers_settings(configured: Configured) -> None:
    courier = {
        "smtp": {"connection_uri": "smtps://mail.test/"},
        "message_retries": 3,
        "worker": {"pull_count": 7, "pull_wait": "2s"},
        "channels": [{"id": "sms", "type": "http", "request_config": {"url": "http://sms.test/", "method": "POST"}}],
    }
    mail = built(configured(courier))
    assert sorted(mail.channels) == ["email", "sms"]
    assert (mail.settings.retries, mail.settings.pull_count, mail.settings.pull_wait) == (3, 7, 2.0)


async def test_an_empty_queue_never_keeps_the_database_busy(configured: Configured) -> None:
    assert built(configured({"worker": {"pull_wait": "0s"}})).settings.pull_wait > 0


async def test_without_a_mail_server_mail_waits(configured: Configured) -> None:
    configuration = configured({})
    assert built(configuration).channels == {}


@pytest.mark.parametrize(
    ("courier", "says"),
    [
        (
            {"templates": {"recovery_code": {"valid": {"email": {"subject": source("Hello\n{{ .Code }}")}}}}},
            r"courier\.templates\.recovery_code\.valid\.email\.subject:2:\d+: ",
        ),
        (
            {"templates": {"recovery": {"valid": {"email": {"subject": "file:///nowhere.gotmpl"}}}}},
            r"courier\.templates\.recovery\.valid\.email\.subject: file:///nowhere",
        ),
        (
            {"smtp": {"connection_uri": "smtp://u:hush@mail.test/?maybe=1"}},
            r"connection_uri: unknown parameter 'maybe'",
        ),
        ({"smtp": {"headers": {"Bcc": "x@mail.test"}}}, r"courier\.smtp\.headers: Bcc"),
        ({"smtp": {"client_cert_path": "/nowhere.pem"}}, r"courier\.smtp\.client_cert_path"),
    ],
)
async def test_what_is_wrong_stops_the_start_and_is_named(
    configured: Configured, courier: dict[str, Any], says: str
) -> None:
    smtp = {"smtp": {"connection_uri": "smtps://u:hush@mail.test/", **courier.pop("smtp", {})}}
    with pytest.raises(ConfigurationError, match=says) as refused:
        built(configured({**courier, **smtp}))
    assert "hush" not in str(refused.value)


# -- delivering ---------------------------------------------------------------------------------------------


class Worker:
    """Runs until it is told to stop, or ends with an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.began = asyncio.Event()
        self.ended = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        self.began.set()
        if self.error:
            raise self.error
        await stop.wait()
        self.ended.set()


class Parts:
    """A courier that is nothing but its worker."""

    def __init__(self, *workers: Worker) -> None:
        self.workers = list(workers)

    def worker(self) -> Worker:
        return self.workers.pop(0)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(mails, "RESTART_SECONDS", 0.01)


async def soon(happens: Awaitable[Any]) -> None:
    await asyncio.wait_for(happens, 10)


async def delivering(current: Callable[[], Any]) -> asyncio.Task[None]:
    return asyncio.create_task(deliver(current))


async def test_the_worker_ends_before_the_delivery_does() -> None:
    worker = Worker()
    parts = Parts(worker)
    task = await delivering(lambda: parts)
    await soon(worker.began.wait())
    task.cancel()
    await soon(asyncio.wait([task]))
    assert worker.ended.is_set()


async def test_a_reload_gives_a_new_worker_its_turn_when_the_old_one_is_done() -> None:
    old, new = Worker(), Worker()
    parts = {"now": Parts(old)}
    task = await delivering(lambda: parts["now"])
    await soon(old.began.wait())
    parts["now"] = Parts(new)
    await soon(new.began.wait())
    assert old.ended.is_set()
    task.cancel()
    await soon(asyncio.wait([task]))


async def test_a_worker_that_breaks_is_followed_by_another() -> None:
    good = Worker()
    parts = Parts(Worker(RuntimeError("broken")), good)
    task = await delivering(lambda: parts)
    await soon(good.began.wait())
    task.cancel()
    await soon(asyncio.wait([task]))


async def test_a_message_for_a_channel_that_is_not_there_waits(configured: Configured) -> None:
    from identity_server.storage import migrate

    mail = built(configured({}))
    await migrate.up_in_memory(mail.queue._database)
    message = Message("email", "ida@mail.test", "stub")
    await mail.queue.enqueue([message])
    await mail.worker().run_once()
    (attempt,) = await mail.queue.dispatches(message.id)
    assert (attempt.status, attempt.error) == ("failed", "no channel 'email' is configured")
    (again,) = await mail.queue.claim(1, 20, "w")
    assert (again.id, again.send_count) == (message.id, 1)
    await mail.queue._database.close()
