"""Selects and runs the hooks of a flow."""

from typing import Any

from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.services import Services
from identity_server.session.model import Session


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

    async def after_login(self, context: StepContext, method: str, identity: Identity, session: Session) -> None:
        """Runs what stands between a proof and the session."""
        del identity
        if "revoke_active_sessions" in self.names_after("login", method):
            services = context.services
            await services.sessions.deactivate_others(session.identity_id, session.id, services.now())
