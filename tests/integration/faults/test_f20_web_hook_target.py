"""F20: what a web hook calls is down, answers 500, or says nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from identity_server.hooks import web_hook as web_hooks
from integration.hooks.people import PASSWORD, account, after, hooked, web_hook
from web_sink import SILENCE, Reply, Sink, web_sink

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sink(anyio_backend: str) -> AsyncIterator[Sink]:
    del anyio_backend
    async with web_sink() as running:
        yield running


async def log_in(folder: Path, dsn: str, sink: Sink, **config: Any) -> Any:
    flows = after("login", "password", web_hook(sink, **config))
    async with hooked(folder, dsn, sink, flows) as server:
        identity = await account(server, "ida@mail.test")
        answer = await server.log_in("ida@mail.test", PASSWORD)
        sessions = await server.admin.get(f"/admin/identities/{identity['id']}/sessions")
        return answer, sessions.json()


async def test_f20_a_target_that_is_down_stops_the_sign_in_without_telling_where_it_is(
    tmp_path: Path, dsn: str, sink: Sink
) -> None:
    answer, sessions = await log_in(tmp_path, dsn, sink, url="http://127.0.0.1:1/internal")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 500
    assert sessions == []
    assert "127.0.0.1:1" not in answer.text and "internal" not in answer.text.replace("Internal Server Error", "")


async def test_f20_a_target_that_answers_500_is_tried_three_times(tmp_path: Path, dsn: str, sink: Sink) -> None:
    sink.replies["/hook"] = Reply(500, {"stack": "hush"})
    answer, sessions = await log_in(tmp_path, dsn, sink)
    assert (answer.status_code, sessions, len(sink.asked)) == (502, [], 3)
    assert "hush" not in answer.text


async def test_f20_a_silent_target_ends_in_504(
    tmp_path: Path, dsn: str, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_hooks, "SECONDS", 0.3)
    sink.replies["/hook"] = SILENCE
    answer, sessions = await log_in(tmp_path, dsn, sink)
    assert (answer.status_code, sessions) == (504, [])


@pytest.mark.parametrize("reply", [Reply(500), Reply(400), SILENCE])
async def test_f20_nobody_notices_a_target_whose_answer_is_ignored(
    tmp_path: Path, dsn: str, sink: Sink, reply: Reply | None
) -> None:
    sink.replies["/hook"] = reply
    answer, sessions = await log_in(tmp_path, dsn, sink, response={"ignore": True})
    assert answer.status_code == 200
    assert len(sessions) == 1
    await asyncio.wait_for(sink.arrived.wait(), 10)
    assert sink.asked[0].json["identity"]["traits"] == {"email": "ida@mail.test"}
