"""F20: hooks that nobody waits for are kept, and called until the other side takes the call."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from httpx2 import Headers

from identity_server import times
from identity_server.background import Background
from identity_server.ciphers.cipher import build_cipher
from identity_server.errors import StorageUnavailable
from identity_server.hooks import telling
from identity_server.hooks.telling import Teller
from identity_server.hooks.web_hook import HookFailed, WebHook, web_hook
from identity_server.outbound.answers import Answer
from identity_server.storage import migrate
from identity_server.storage.hook_calls import HookCalls
from identity_server.storage.opening import open_database
from identity_server.storage.port import Database

pytestmark = pytest.mark.anyio
CONFIG = {"url": "http://hook.test/", "method": "POST", "response": {"ignore": True}}
HOOK = web_hook(CONFIG)
CTX: dict[str, Any] = {"flow": {"id": "f"}, "request_cookies": {"session": "a-secret"}}
SECRET = "a-cipher-secret-of-tests-32-char"


class Other:
    """The other side: answers with statuses and failures, one after the other."""

    def __init__(self, *outcomes: int | HookFailed | None) -> None:
        self.outcomes = list(outcomes)
        self.ids: list[str] = []
        self.seen: list[Any] = []

    async def call(self, hook: WebHook, ctx: Any, call_id: str) -> Answer | None:
        self.ids.append(call_id)
        self.seen.append((hook, ctx))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, HookFailed):
            raise outcome
        return None if outcome is None else Answer(outcome, Headers(), b"", "")


class Stage:
    """What calls need of a server, with a clock that tests move."""

    def __init__(self, database: Database, *secrets: str) -> None:
        self.moment = datetime(2026, 5, 17, tzinfo=UTC)
        self.database = database
        self.background = Background()
        cipher = build_cipher("xchacha20-poly1305" if secrets else "noop", secrets)
        self.hook_calls = HookCalls(database, cipher)

    def now(self) -> str:
        return times.text(self.moment)

    async def settled(self) -> None:
        while self.background._tasks:
            await asyncio.wait(self.background._tasks)

    async def told(self, other: Other, monkeypatch: pytest.MonkeyPatch, hours: float = 30) -> None:
        """Tells it, and lets time pass until nothing is left to tell."""
        services: Any = self
        client: Any = other
        monkeypatch.setattr(telling, "WebHookClient", lambda _: client)
        await Teller(services, client).tell(CONFIG, HOOK, CTX)
        await self.settled()
        end = self.moment + timedelta(hours=hours)
        while self.moment < end and await self.left():
            self.moment += timedelta(minutes=6)
            await telling.tell_again(services)
            await self.settled()

    async def left(self) -> list[Any]:
        return await self.hook_calls.claim("9999", "0000", 100)


@pytest.fixture
async def database(dsn: str, anyio_backend: str) -> Any:
    del anyio_backend
    await anyio.to_thread.run_sync(migrate.up, dsn)
    opened = open_database(dsn)
    yield opened
    await opened.close()


def away() -> HookFailed:
    return HookFailed(500, "away", again=True)


@pytest.mark.parametrize(
    "outcomes",
    [[200], [204], [None], [400], [500, 200], [away(), 503, 200], [500] * 20 + [200], [HookFailed(500, "template")]],
)
async def test_f20_it_is_called_until_it_is_taken_or_refused(
    monkeypatch: pytest.MonkeyPatch, database: Database, outcomes: list[Any]
) -> None:
    other, stage = Other(*outcomes), Stage(database)
    await stage.told(other, monkeypatch)
    assert other.outcomes == []
    assert len(set(other.ids)) == 1
    assert await stage.left() == []


async def test_f20_after_a_day_it_is_given_up(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    other, stage = Other(*[500] * 400), Stage(database)
    await stage.told(other, monkeypatch)
    assert 200 < len(other.ids) < 400
    assert await stage.left() == []


async def test_f20_what_a_killed_process_held_is_told_by_another(
    monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    killed, other = Stage(database, SECRET), Other(200)
    await killed.hook_calls.put("c", CONFIG, CTX, killed.now(), times.after(killed.now(), telling.LEASE))
    client, stage = other, Stage(database, SECRET)
    services: Any = stage
    monkeypatch.setattr(telling, "WebHookClient", lambda _: client)
    assert await telling.tell_again(services) == 0, "it may still be at it"
    stage.moment += telling.LEASE
    assert await telling.tell_again(services) == 1
    assert await telling.tell_again(services) == 0, "nobody gets it twice meanwhile"
    await stage.settled()
    assert (other.ids, other.seen) == (["c"], [(HOOK, CTX)])


@pytest.mark.parametrize(("secrets", "shown"), [((SECRET,), []), ((), ["http://hook.test/"])])
async def test_f20_what_is_kept_shows_no_cookie(database: Database, secrets: tuple[str, ...], shown: list[str]) -> None:
    stage = Stage(database, *secrets)
    await stage.hook_calls.put("c", CONFIG, CTX, stage.now(), stage.now())
    (call,) = await stage.left()
    assert [word for word in ("a-secret", "http://hook.test/") if word in call.sealed] == shown


async def test_f20_what_no_secret_opens_is_given_up(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    stage = Stage(database, SECRET)
    await stage.hook_calls.put("c", CONFIG, CTX, stage.now(), stage.now())
    other: Any = Stage(database, "another-cipher-secret-of-32-char")
    assert await telling.tell_again(other) == 1
    assert await stage.left() == []


async def test_f20_a_database_that_is_away_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, database: Database, tmp_path: Path
) -> None:
    other, stage = Other(200), Stage(database)

    async def refuse(*_: Any) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(stage.hook_calls, "put", refuse)
    await stage.told(other, monkeypatch)
    assert len(other.ids) == 1
