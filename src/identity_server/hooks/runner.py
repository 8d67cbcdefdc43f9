"""Selects and runs the hooks of a flow.

The engine calls at fixed points; every answer is a value. ``before`` and ``before_*_persist`` may stop a flow, and may
change the identity that is about to be stored; ``after_*`` run when it is stored and may add what a client does next.
"""

from dataclasses import dataclass, field
from typing import Any

from identity_server.errors import ApiError
from identity_server.flows.model import Kind
from identity_server.identity.model import Identity
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.services import Services
from identity_server.session.model import Session


@dataclass(frozen=True)
class Proceed:
    """All hooks are content.

    Attributes:
        continue_with: what a client is told to do next, in this order.
        page: where a browser goes instead of the return address; empty for no change.
    """

    continue_with: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    page: str = ""


@dataclass(frozen=True)
class Interrupted:
    """A hook refuses what was typed: the form is shown again.

    Attributes:
        messages: each with the dotted name of its field; an empty name is the form itself.
    """

    messages: list[tuple[str, Message]]


@dataclass(frozen=True)
class Refused:
    """A hook ends the flow.

    Attributes:
        error: what scripts and apps are answered.
        page: where a browser goes; empty for the error page.
    """

    error: ApiError
    page: str = ""


Verdict = Proceed | Interrupted | Refused


class HookRunner:
    """Hooks as the configuration names them: a method's own list replaces the flow's when it is not empty."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def after(self, kind: str, method: str) -> list[dict[str, Any]]:
        """The hooks after a flow of a kind that ended by a method."""
        configuration = self._services.configuration
        for key in (f"selfservice.flows.{kind}.after.{method}.hooks", f"selfservice.flows.{kind}.after.hooks"):
            if configuration.knows(key):
                hooks = configuration.items(key)
                if hooks:
                    return hooks
        return []

    def names_after(self, kind: str, method: str) -> list[str]:
        """Their names."""
        return [str(hook.get("hook")) for hook in self.after(kind, method)]

    def issues_session(self, method: str) -> bool:
        """Whether a sign-up by a method signs in as well (the hook ``session``, which runs last wherever it stands)."""
        return "session" in self.names_after("registration", method)

    async def before(self, kind: Kind, context: StepContext) -> None:
        """Runs what stands before a flow, once it was made and before it is stored.

        Raises:
            ApiError: when a hook fails or stops the flow.
        """
        del kind, context

    async def before_registration_persist(self, context: StepContext, method: str, identity: Identity) -> Verdict:
        """Runs what may change or refuse a new identity."""
        del context, method, identity
        return Proceed()

    async def after_registration(
        self, context: StepContext, method: str, identity: Identity, session: Session | None
    ) -> Verdict:
        """Runs what follows a stored identity; ``session`` is None when the sign-up does not sign in."""
        del context, method, identity, session
        return Proceed()

    async def after_login(self, context: StepContext, method: str, identity: Identity, session: Session) -> Verdict:
        """Runs what stands between a proof and the session, which is not stored yet."""
        del identity
        if "revoke_active_sessions" in self.names_after("login", method):
            services = context.services
            await services.sessions.deactivate_others(session.identity_id, session.id, services.now())
        return Proceed()

    async def before_settings_persist(
        self, context: StepContext, method: str, identity: Identity, session: Session
    ) -> Verdict:
        """Runs what may change or refuse a changed identity."""
        del context, method, identity, session
        return Proceed()

    async def after_settings(self, context: StepContext, method: str, identity: Identity, session: Session) -> Verdict:
        """Runs what follows a stored change."""
        del identity
        if "revoke_active_sessions" in self.names_after("settings", method):
            services = context.services
            await services.sessions.deactivate_others(session.identity_id, session.id, services.now())
        return Proceed()

    async def after_recovery(self, context: StepContext, identity: Identity, session: Session) -> Verdict:
        """Runs what follows a recovery, before its session is stored."""
        del identity
        if "revoke_active_sessions" in self.names_after("recovery", ""):
            services = context.services
            await services.sessions.deactivate_others(session.identity_id, session.id, services.now())
        return Proceed()

    async def after_verification(self, context: StepContext, identity: Identity) -> Verdict:
        """Runs what follows a verified address."""
        del context, identity
        return Proceed()
