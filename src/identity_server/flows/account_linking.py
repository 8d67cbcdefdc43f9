"""Connects a provider's account to an account that was there before, once its owner has proved it.

That a provider names somebody's address proves nothing: the provider may not have checked it. So whoever comes with an
address of an existing account signs in to that account first, and in the same flow.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from identity_server.errors import Conflict
from identity_server.flows.answer import Answer, Cookie, redirect
from identity_server.flows.continuity import Continuity
from identity_server.flows.duplicates import ways_in
from identity_server.flows.engine import Engine, with_query
from identity_server.identity.levels import available_aal
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors as error_messages
from identity_server.messages import login as login_messages
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.session.model import AAL1, AAL2, Authentication
from identity_server.times import Timestamp
from identity_server.ui.nodes import Node

#: What a flow remembers of the provider's account.
PENDING: Final = "account_linking"
_TYPE: Final = "oidc"


@dataclass(frozen=True)
class Pending:
    """A provider's account that waits for the proof of an account that is there.

    Attributes:
        connection: as the credential will hold it, tokens sealed.
        owner: the identity to prove.
        unverified: whether nobody has proved yet that the common address is the owner's.
    """

    connection: dict[str, Any] = field(repr=False)
    owner: str
    unverified: bool

    def proof(self, now: Timestamp) -> Authentication:
        """What the connection adds to a session."""
        return Authentication(_TYPE, AAL1, now, provider=self.connection["provider"])


class AccountLinking:
    """Asks for the proof, and connects.

    Args:
        engine: what all flows share.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.services = engine.services
        self.continuity = Continuity(engine.services)

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
        flow.internal[PENDING] = asdict(self._pending(newcomer, owner, identifier))
        await self._fill(StepContext(self.services, flow, caller, owner), identifier)
        flow.ui.add_message(self._explanation(owner, identifier, label))
        await self.services.flows.insert(flow)
        await self.services.exchanges.move(context.flow.id, flow.id)
        if flow.is_native or caller.submits_json:
            return Answer(400, flow.to_json())
        return redirect(with_query(self.engine.page_of(flow), no_org_ui="true"))

    @staticmethod
    def _pending(newcomer: Identity, owner: Identity, identifier: str) -> Pending:
        known = [address for address in owner.verifiable_addresses if address.value == identifier]
        unverified = bool(known) and not any(address.verified for address in known)
        return Pending(newcomer.credentials[_TYPE].config["providers"][0], owner.id, unverified)

    @property
    def _hints(self) -> bool:
        return self.services.configuration.flag("selfservice.flows.registration.login_hints")

    def _explanation(self, owner: Identity, identifier: str, label: str) -> Message:
        types, providers = ways_in(owner) if self._hints else ([], [])
        return login_messages.sign_in_to_link(identifier, label, self.engine.ui_url("login"), types, providers)

    async def _fill(self, context: StepContext, identifier: str) -> None:
        """The ways in to the account that is there; which providers it is connected to is told by hints alone."""
        flow, ui = context.flow, context.flow.ui
        await self.engine.fill(context, "whole")
        types, providers = ways_in(context.identity) if context.identity else ([], [])
        used = flow.internal[PENDING]["connection"]["provider"]

        def leads_there(node: Node) -> bool:
            if node.group != _TYPE:
                return node.group == "default" or node.group in types
            return _TYPE in types and node.value != used and (not self._hints or node.value in providers)

        ui.nodes = [node for node in ui.nodes if leads_there(node)]
        for node in ui.nodes:
            if node.group == _TYPE and node.label is not None:
                node.label = login_messages.confirm_with(str((node.label.context or {}).get("provider") or node.value))
        named = ui.find("identifier")
        if named is not None:
            named.attributes["type"] = "hidden"
            named.set_value(identifier)
        ui.sort("login", self.engine.fill_order(flow))

    # -- once somebody signed in ---------------------------------------------------

    async def pending(self, context: StepContext, identity: Identity) -> Pending | None:
        """What a flow was begun for; after a second factor, what the flow of the first one had been begun for."""
        known = context.flow.internal.get(PENDING)
        if known is None and context.flow.requested_aal == AAL2:
            known = await self.continuity.take(PENDING, context.caller, identity_id=identity.id)
        return Pending(**known) if known else None

    async def carry(self, context: StepContext, pending: Pending) -> list[Cookie]:
        """Keeps it in this browser until the second factor is proved as well: a stolen password connects nothing."""
        if context.flow.is_native:
            return []
        cookie = await self.continuity.pause(PENDING, asdict(pending), context.caller, identity_id=pending.owner)
        return [cookie] if cookie else []

    async def connect(self, pending: Pending, identity: Identity, proof: Authentication) -> Message | None:
        """Connects the provider's account.

        Returns:
            why it could not be; None when it could.
        """
        now = self.services.now()
        _connect(identity, pending.connection, now)
        if pending.unverified and proof.method not in _OWN_PROOFS:
            await self._drop_password(identity)
        identity.available_aal = available_aal(identity, self.services.manager.factors)
        identity.updated_at = now
        try:
            await self.services.identities.update(identity)
        except Conflict:
            return error_messages.account_exists()
        return None

    async def _drop_password(self, identity: Identity) -> None:
        """A password that was set before anybody proved the address may be a stranger's who waits for the owner."""
        held = identity.credential("password")
        if held is None or not held.config:
            return
        held.config, held.updated_at = {}, self.services.now()
        await self.services.sessions.deactivate_others(identity.id, "", self.services.now())


#: Proofs of the account itself rather than of an address.
_OWN_PROOFS: Final = ("password", "passkey", "webauthn", "oidc", "saml", "totp", "lookup_secret")


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
