"""Calls of hooks that nobody waits for: kept before the answer, tried at once, and again until they are taken.

A call survives the process. It keeps its id in every repetition, so that the other side can tell; it may arrive twice
when a server ends between the call and its note.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from identity_server import times
from identity_server.ciphers.errors import Unreadable
from identity_server.errors import StorageError
from identity_server.hooks import web_hook_answers
from identity_server.hooks.web_hook import HookFailed, WebHook, WebHookClient, web_hook
from identity_server.randomness import new_id
from identity_server.services import Services
from identity_server.storage.hook_calls import StoredCall

_log = structlog.get_logger("hooks")
#: From here on it is the other side that fails.
BROKEN = 500
#: The wait after each attempt in vain; the last one is repeated.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300))
#: Then a call is given up.
LONGEST = timedelta(hours=24)
#: A call that a process has not come back to is somebody else's after this; one attempt takes ten seconds at most.
LEASE = timedelta(seconds=30)
LOOK_SECONDS = 2.0
MOST = 20


class Teller:
    """Tells other sides what happened.

    Args:
        client: makes the calls.
    """

    def __init__(self, services: Services, client: WebHookClient) -> None:
        self._services = services
        self._client = client

    async def tell(self, config: Mapping[str, Any], hook: WebHook, ctx: dict[str, Any]) -> None:
        """Keeps a call and begins with it; the flow goes on whatever becomes of it."""
        services, call_id, now = self._services, new_id(), self._services.now()
        try:
            await services.hook_calls.put(call_id, config, ctx, now, times.after(now, LEASE))
        except StorageError as error:
            _log.warning("web hook cannot be kept, it is tried once", hook=hook.label, cause=str(error))
        services.background.start(self._attempt(hook, ctx, StoredCall(call_id, "", 0, now)), "web hook")

    async def again(self, call: StoredCall) -> None:
        """One more attempt at a call that was kept."""
        try:
            config, ctx = self._services.hook_calls.opened(call)
            hook = web_hook(config)
        except (Unreadable, HookFailed, KeyError, ValueError):
            _log.error("a kept web hook cannot be read, it is given up", call_id=call.id)
            await self._services.hook_calls.done(call.id)
            return
        self._services.background.start(self._attempt(hook, ctx, call), "web hook")

    async def _attempt(self, hook: WebHook, ctx: dict[str, Any], call: StoredCall) -> None:
        calls, now = self._services.hook_calls, self._services.now()
        failed, delivered = await self._called(hook, ctx, call.id)
        if failed and times.after(call.created_at, LONGEST) > now:
            pause = PAUSES[min(call.attempts, len(PAUSES) - 1)]
            await calls.later(call.id, times.after(self._services.now(), pause), call.attempts + 1)
            return
        if not delivered:
            _log.warning("web hook not delivered, which is ignored", hook=hook.label, call_id=call.id)
        await calls.done(call.id)

    async def _called(self, hook: WebHook, ctx: dict[str, Any], call_id: str) -> tuple[bool, bool]:
        """Whether it failed so that another attempt makes sense, and whether it was taken."""
        try:
            answer = await self._client.call(hook, ctx, call_id)
        except HookFailed as failure:
            return failure.again, False
        # A template may want no call: there is nothing left to do then.
        status = 200 if answer is None else answer.status
        return status >= BROKEN, status < web_hook_answers.REFUSALS


async def keep_telling(current: Callable[[], Services]) -> None:
    """Takes up what other processes have left, and what is to be tried again, for as long as the task runs."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await tell_again(current())
        except StorageError as error:
            _log.warning("kept web hooks cannot be read", cause=str(error))


async def tell_again(services: Services) -> int:
    """Begins with the calls that are due; how many there were.

    Raises:
        StorageError: when the database does not answer.
    """
    now = services.now()
    found = await services.hook_calls.claim(now, times.after(now, LEASE), MOST)
    teller = Teller(services, WebHookClient(services))
    for call in found:
        await teller.again(call)
    return len(found)
