"""Hooks that nobody waits for are called until the other side takes the call."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from httpx2 import Headers

from identity_server.background import Background
from identity_server.hooks import calling
from identity_server.hooks.calling import WebHooks
from identity_server.hooks.web_hook import HookFailed, WebHook, web_hook
from identity_server.outbound.answers import Answer

pytestmark = pytest.mark.anyio
HOOK = web_hook({"url": "http://hook.test/", "method": "POST", "response": {"ignore": True}})


class Other:
    """The other side: answers with statuses and failures, one after the other."""

    def __init__(self, *outcomes: int | HookFailed | None) -> None:
        self.outcomes = list(outcomes)
        self.ids: list[str] = []

    async def call(self, hook: WebHook, ctx: Any, call_id: str) -> Answer | None:
        self.ids.append(call_id)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, HookFailed):
            raise outcome
        return None if outcome is None else Answer(outcome, Headers(), b"", "")


async def told(monkeypatch: pytest.MonkeyPatch, other: Other) -> list[str]:
    """The ids of all calls, when there are no more."""
    monkeypatch.setattr(calling, "PAUSES", (0.0, 0.0))
    background = Background()
    services: Any = SimpleNamespace(background=background)
    hooks = WebHooks(services)
    hooks._client = other  # type: ignore[assignment]
    monkeypatch.setattr(calling, "template_context", lambda *_: {})
    context: Any = None
    assert await hooks._run(HOOK, context, None, None) is None
    while background._tasks:
        await asyncio.wait(background._tasks)
    return other.ids


def away() -> HookFailed:
    return HookFailed(500, "away", again=True)


@pytest.mark.parametrize(
    "outcomes",
    [[200], [204], [None], [400], [500, 200], [away(), 503, 200], [500, away(), 500], [HookFailed(500, "template")]],
)
async def test_f20_it_is_called_until_it_succeeds_refuses_or_was_tried_often_enough(
    monkeypatch: pytest.MonkeyPatch, outcomes: list[Any]
) -> None:
    other = Other(*outcomes)
    ids = await told(monkeypatch, other)
    assert other.outcomes == []
    assert len(set(ids)) == 1
