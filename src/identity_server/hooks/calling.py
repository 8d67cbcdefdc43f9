"""Web hooks at the points where flows call them."""

from typing import Any

from identity_server.errors import ApiError
from identity_server.flows.model import Flow
from identity_server.hooks import web_hook_answers
from identity_server.hooks.telling import Teller
from identity_server.hooks.template_context import template_context
from identity_server.hooks.verdicts import Interrupted, Refused
from identity_server.hooks.web_hook import HookFailed, WebHook, WebHookClient, web_hook
from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.services import Services
from identity_server.session.model import Session

UNREADABLE = 500


class WebHooks:
    """Calls web hooks and says what becomes of the flow."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._client = WebHookClient(services)
        self._teller = Teller(services, self._client)

    async def before(self, context: StepContext, config: dict[str, Any]) -> None:
        """Runs a hook before a flow.

        Raises:
            ApiError: when it fails, or stops the flow.
        """
        try:
            stopped = await self._run(config, web_hook(config), context, None, None)
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
            return await self._run(config, hook, context, identity, session)
        except HookFailed as failure:
            return Refused(submission_error(context.flow, failure))

    async def _run(
        self,
        config: dict[str, Any],
        hook: WebHook,
        context: StepContext,
        identity: Identity | None,
        session: Session | None,
    ) -> Interrupted | None:
        ctx = template_context(context, identity, session)
        if hook.mode == "ignore":
            await self._teller.tell(config, hook, ctx)
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


def submission_error(flow: Flow, failure: HookFailed) -> ApiError:
    """The answer to a submission that a hook failed. Apps get 400 where there is no better status, as Kratos does."""
    if flow.is_native and failure.status == UNREADABLE:
        return ApiError(400, failure.reason, code=UNREADABLE)
    return ApiError(failure.status, failure.reason)
