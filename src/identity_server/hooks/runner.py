"""Selects and runs the hooks of a flow.

The engine calls at fixed points; every answer is a value. ``before`` and ``before_*_persist`` may stop a flow, and may
change the identity that is about to be stored; ``after_*`` run when it is stored and may add what a client does next.
"""

from collections.abc import Sequence
from typing import Any

from identity_server.flows.model import Kind
from identity_server.hooks import notifying, selection
from identity_server.hooks.calling import WebHooks
from identity_server.hooks.selection import Hook
from identity_server.hooks.verdicts import Interrupted, Proceed, Refused, Verdict
from identity_server.hooks.verifying import Verifier, Verifying
from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.services import Services
from identity_server.session.model import Session

__all__ = ["HookRunner", "Interrupted", "Proceed", "Refused", "Verdict"]


class HookRunner:
    """Hooks as the configuration names them: a method's own list replaces the flow's when it is not empty.

    Args:
        verifier: starts the verification of addresses; without one, hooks do not.
    """

    def __init__(self, services: Services, verifier: Verifier | None = None) -> None:
        self._services = services
        self._web = WebHooks(services)
        self._verifying = Verifying(services, verifier)

    # -- questions ---------------------------------------------------------------

    def after(self, kind: str, method: str) -> list[dict[str, Any]]:
        """The hooks after a flow of a kind that ended by a method."""
        return selection.after(self._services.configuration, kind, method)

    def names_after(self, kind: str, method: str) -> list[str]:
        """Their names."""
        return [str(hook.get("hook")) for hook in self.after(kind, method)]

    def issues_session(self, method: str) -> bool:
        """Whether a sign-up by a method signs in as well (the hook ``session``, which runs last wherever it stands)."""
        return selection.SESSION in self.names_after("registration", method)

    # -- before ------------------------------------------------------------------

    async def before(self, kind: Kind, context: StepContext) -> None:
        """Runs what stands before a flow, once it was made and before it is stored.

        Raises:
            ApiError: when a hook fails or stops the flow.
        """
        for name, config in selection.known(selection.before(self._services.configuration, kind)):
            if name == selection.WEB_HOOK:
                await self._web.before(context, config)

    async def before_registration_persist(self, context: StepContext, method: str, identity: Identity) -> Verdict:
        """Runs what may change or refuse a new identity."""
        return await self._before_persist("registration", context, method, identity)

    async def before_settings_persist(
        self, context: StepContext, method: str, identity: Identity, session: Session
    ) -> Verdict:
        """Runs what may change or refuse a changed identity."""
        return await self._before_persist("settings", context, method, identity, session)

    async def _before_persist(
        self, kind: Kind, context: StepContext, method: str, identity: Identity, session: Session | None = None
    ) -> Verdict:
        for name, config in selection.known(selection.own(self._services.configuration, kind, method)):
            if name == selection.WEB_HOOK:
                stopped = await self._web.run(context, config, identity, session, reading=True)
                if stopped is not None:
                    return stopped
        return Proceed()

    # -- after -------------------------------------------------------------------

    async def after_registration(
        self, context: StepContext, method: str, identity: Identity, session: Session | None
    ) -> Verdict:
        """Runs what follows a stored identity; ``session`` is None when the sign-up does not sign in."""
        del session
        hooks = [*self._verifying.implicit(), *self.after("registration", method)]
        return await self._after(hooks, context, identity, None, reading=False)

    async def after_login(self, context: StepContext, method: str, identity: Identity, session: Session) -> Verdict:
        """Runs what stands between a proof and the session, which is not stored yet."""
        return await self._after(self.after("login", method), context, identity, session)

    async def after_settings(self, context: StepContext, method: str, identity: Identity, session: Session) -> Verdict:
        """Runs what follows a stored change."""
        hooks = [*self._verifying.implicit(), *self.after("settings", method)]
        return await self._after(hooks, context, identity, session, reading=False)

    async def after_recovery(self, context: StepContext, identity: Identity, session: Session) -> Verdict:
        """Runs what stands between a recovery and its session, not stored yet; web hooks do not see that."""
        return await self._after(self.after("recovery", ""), context, identity, session, shown=False)

    async def after_verification(self, context: StepContext, identity: Identity) -> Verdict:
        """Runs what follows a verified address."""
        return await self._after(self.after("verification", ""), context, identity, None)

    async def _after(
        self,
        hooks: Sequence[Hook],
        context: StepContext,
        identity: Identity,
        session: Session | None,
        *,
        reading: bool | None = None,
        shown: bool = True,
    ) -> Verdict:
        """Runs hooks in their order until one stops the flow.

        Args:
            reading: as for ``WebHooks.run``.
            shown: whether web hooks see the session.
        """
        for name, config in selection.known(list(hooks)):
            stopped: Interrupted | Refused | None = None
            match name:
                case selection.WEB_HOOK:
                    seen = session if shown else None
                    stopped = await self._web.run(context, config, identity, seen, reading=reading)
                case selection.REVOKE if session is not None:
                    await self._services.sessions.deactivate_others(
                        session.identity_id, session.id, self._services.now()
                    )
                case selection.REQUIRE_VERIFIED:
                    stopped = await self._verifying.require(context, identity)
                case selection.NOTIFY:
                    await notifying.notify(context, identity, str(config.get("recipients") or "removed"))
                case selection.VERIFICATION:
                    await self._verifying.begin(context, identity)
                case _:
                    continue
            if stopped is not None:
                return stopped
        return self._verifying.next_steps(context, hooks)
