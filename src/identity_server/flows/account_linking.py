"""Connects a provider's account to an account that was there before, once its owner has proved it.

That a provider names somebody's address proves nothing: the provider may not have checked it. So whoever comes with an
address of an existing account signs in to that account first, and in the same flow.
"""

from typing import Any, Final

from identity_server.errors import Conflict
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.duplicates import ways_in
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.model import Flow
from identity_server.identity.levels import available_aal
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors as error_messages
from identity_server.messages import login as login_messages
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.session.model import AAL1, Authentication

#: What a flow remembers of the provider's account.
PENDING: Final = "account_linking"
_TYPE: Final = "oidc"


class AccountLinking:
    """Asks for the proof, and connects.

    Args:
        engine: what all flows share.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.services = engine.services

    async def ask(
        self, context: StepContext, newcomer: Identity, owner: Identity, identifier: str, label: str
    ) -> Answer:
        """Sends whoever wanted to sign up to the login of the account that is there.

        Args:
            newcomer: the identity that could not be stored, with the provider's credential.
            identifier: what both have in common.
            label: the provider's name for people.
        """
        caller, flow = context.caller, self.engine.new("login", context.flow.type, context.caller, source=context.flow)
        flow.active = _TYPE
        flow.internal[PENDING] = self._pending(newcomer, owner, identifier)
        await self._fill(StepContext(self.services, flow, caller, owner), identifier)
        flow.ui.add_message(self._explanation(owner, identifier, label))
        await self.services.flows.insert(flow)
        await self.services.exchanges.move(context.flow.id, flow.id)
        if flow.is_native or caller.submits_json:
            return Answer(400, flow.to_json())
        return redirect(with_query(self.engine.page_of(flow), no_org_ui="true"))

    def _pending(self, newcomer: Identity, owner: Identity, identifier: str) -> dict[str, Any]:
        known = [address for address in owner.verifiable_addresses if address.value == identifier]
        return {
            "connection": newcomer.credentials[_TYPE].config["providers"][0],
            "identifier": identifier,
            "owner": owner.id,
            "unverified": bool(known) and not any(address.verified for address in known),
        }

    def _explanation(self, owner: Identity, identifier: str, label: str) -> Message:
        hints = self.services.configuration.flag("selfservice.flows.registration.login_hints")
        types, providers = ways_in(owner) if hints else ([], [])
        return login_messages.sign_in_to_link(identifier, label, self.engine.ui_url("login"), types, providers)

    async def _fill(self, context: StepContext, identifier: str) -> None:
        """The ways in to the account that is there, and no others."""
        flow, ui = context.flow, context.flow.ui
        await self.engine.fill(context, "whole")
        if not context.enabled_mitigation:
            types, providers = ways_in(context.identity) if context.identity else ([], [])
            ui.nodes = [
                node
                for node in ui.nodes
                if node.group == "default"
                or (node.group in types and (node.group != _TYPE or str(node.value) in providers))
            ]
        named = ui.find("identifier")
        if named is not None:
            named.attributes["type"] = "hidden"
            named.set_value(identifier)
        ui.sort("login", self.engine.fill_order(flow))

    async def finish(self, flow: Flow, identity: Identity, proof: Authentication) -> Authentication | Message | None:
        """Connects the account that a flow was begun for, now that somebody proved an identity.

        Returns:
            what the connection adds to the session, None when the flow is no such flow, or why it cannot be.
        """
        pending = flow.internal.get(PENDING)
        if not pending:
            return None
        if identity.id != pending["owner"]:
            return error_messages.linked_credentials_differ()
        now, connection = self.services.now(), pending["connection"]
        _connect(identity, connection, now)
        if pending["unverified"] and proof.method not in ("password", *_STRONG):
            await self._drop_password(identity)
        identity.available_aal = available_aal(identity, self.services.manager.factors)
        identity.updated_at = now
        try:
            await self.services.identities.update(identity)
        except Conflict:
            return error_messages.account_exists()
        del flow.internal[PENDING]
        return Authentication(_TYPE, AAL1, now, provider=connection["provider"])

    async def _drop_password(self, identity: Identity) -> None:
        """A password that was set before anybody proved the address may be a stranger's who waits for the owner."""
        held = identity.credential("password")
        if held is None or not held.config:
            return
        held.config, held.updated_at = {}, self.services.now()
        await self.services.sessions.deactivate_others(identity.id, "", self.services.now())


#: Proofs of the account itself rather than of the address.
_STRONG: Final = ("passkey", "webauthn", "oidc", "saml")


def _connect(identity: Identity, connection: dict[str, Any], now: str) -> None:
    held = identity.credential(_TYPE)
    known = list(held.config.get("providers") or ()) if held else []
    same = [each for each in known if _name(each) == _name(connection)]
    connections = known if same else [*known, connection]
    identity.credentials[_TYPE] = Credential(
        _TYPE,
        [_name(each) for each in connections],
        {"providers": connections},
        held.version if held else 0,
        held.created_at if held else now,
        now,
    )


def _name(connection: dict[str, Any]) -> str:
    return f"{connection['provider']}:{connection['subject']}"
