"""Web hooks at the points where flows call them."""

from collections.abc import Sequence
from typing import Any

import structlog

from identity_server.errors import ApiError
from identity_server.flows.model import Flow
from identity_server.hooks import web_hook_answers
from identity_server.hooks.template_context import template_context
from identity_server.hooks.verdicts import Interrupted, Refused
from identity_server.hooks.web_hook import HookFailed, WebHook, WebHookClient, web_hook
from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.randomness import new_id
from identity_server.services import Services
from identity_server.session.model import Session

_log = structlog.get_logger("hooks")
UNREADABLE = 500
#: From here on it is the other side that fails.
BROKEN = 500
#: Seconds before each further call of a hook that nobody waits for.
PAUSES = (2.0, 10.0, 60.0, 300.0)


class WebHooks:
    """Calls web hooks and says what becomes of the flow."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._client = WebHookClient(services)

    async def before(self, context: StepContext, config: dict[str, Any]) -> None:
        """Runs a hook before a flow.

        Raises:
            ApiError: when it fails, or stops the flow.
        """
        try:
            stopped = await self._run(web_hook(config), context, None, None)
        except HookFailed as failure:
            raise ApiError(failure.status, failure.reason) from None
        if stopped is not None:
            raise ApiError(400, stopped.messages[0][1].text)

    async def run(
        self,
        context: StepContext,
        config: dict[str, Any],
        identity: Identity,
        session: Session | None = None,
        *,
        reading: bool | None = None,
    ) -> Interrupted | Refused | None:
        """Runs a hook after a flow; None when the flow goes on.

        Args:
            identity: changed in place when the hook may do that.
            reading: run it only when it reads answers, or only when it does not; None runs it anyway.
        """
        try:
            hook = web_hook(config)
            if reading is not None and hook.reads_answer is not reading:
                return None
            return await self._run(hook, context, identity, session)
        except HookFailed as failure:
            return Refused(submission_error(context.flow, failure))

    async def _run(
        self, hook: WebHook, context: StepContext, identity: Identity | None, session: Session | None
    ) -> Interrupted | None:
        ctx = template_context(context, identity, session)
        if hook.mode == "ignore":
            self._services.background.start(self._tell(hook, ctx, new_id(), PAUSES), "web hook")
            return None
        answer = await self._client.call(hook, ctx)
        if answer is None:
            return None
        if not hook.reads_answer:
            web_hook_answers.expect_success(answer)
            return None
        messages = web_hook_answers.messages_of(answer)
        if identity is not None and not messages:
            services = self._services
            web_hook_answers.apply(answer, hook.mode, identity, services.schemas, services.now())
        return Interrupted(messages) if messages else None

    async def _tell(self, hook: WebHook, ctx: dict[str, Any], call_id: str, pauses: Sequence[float]) -> None:
        """Calls a hook that nobody waits for; as long as the other side fails, again after each of the pauses."""
        try:
            answer = await self._client.call(hook, ctx, call_id)
            failed = answer is not None and answer.status >= BROKEN
            refused = answer is not None and web_hook_answers.REFUSALS <= answer.status < BROKEN
        except HookFailed as failure:
            failed, refused = failure.again, not failure.again
        if failed and pauses:
            again = self._tell(hook, ctx, call_id, pauses[1:])
            self._services.background.start(again, "web hook", after=pauses[0])
        elif failed or refused:
            _log.warning("web hook not delivered, which is ignored", hook=hook.label, call_id=call_id)


def submission_error(flow: Flow, failure: HookFailed) -> ApiError:
    """The answer to a submission that a hook failed. Apps get 400 where there is no better status, as Kratos does."""
    if flow.is_native and failure.status == UNREADABLE:
        return ApiError(400, failure.reason, code=UNREADABLE)
    return ApiError(failure.status, failure.reason)
