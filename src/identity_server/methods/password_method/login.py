"""Signing in with a password."""

from identity_server.flows import attempts, forms
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.password_method import migration, nodes
from identity_server.passwords.errors import PasswordTooLong
from identity_server.schema import normalize
from identity_server.session.model import AAL1, Authentication
from identity_server.ui.nodes import UNSET

METHOD = "password"


class PasswordLogin:
    """The password's part in login flows."""

    async def fill(self, context: StepContext) -> None:
        """Identifier, password and button; nothing when a second factor is asked for."""
        flow = context.flow
        if flow.requested_aal != AAL1 or context.screen == "first":
            return
        if context.screen == "second":
            if not context.enabled_mitigation and not is_usable(context.identity):
                return
            context.offered = True
        elif flow.refresh:
            identifier = known_identifier(context.identity)
            if identifier is None:
                return
            flow.ui.upsert(nodes.fixed_identifier(identifier))
        else:
            schemas = context.services.schemas
            flow.ui.upsert(nodes.identifier(schemas.get(flow.identity_schema or schemas.default_id)))
        flow.ui.upsert(nodes.current_password())
        flow.ui.upsert(nodes.sign_in(confirm=flow.refresh))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Compares the password; who is unknown costs as much as who mistypes."""
        if forms.text_of(form, "method") != METHOD or context.flow.requested_aal != AAL1:
            return NotMine()
        flow, services = context.flow, context.services
        flow.ui.clear_messages()
        identifier = forms.text_of(form, "identifier") or forms.text_of(form, "password_identifier")
        password = forms.text_of(form, "password")
        shown = known_identifier(context.identity) if flow.refresh else identifier
        field = flow.ui.find("identifier")
        earlier = field.attributes.get("value", UNSET) if field is not None else UNSET
        flow.ui.set_value("identifier", shown or identifier)
        context.guard(form)
        if not identifier or not password:
            for name, value in (("identifier", identifier), ("password", password)):
                if not value:
                    flow.ui.add_message(errors.required(name), name)
            return Stay()
        identity = await self._find(context, identifier)
        async with attempts.turn(context, identity, identifier):
            if refused := await attempts.refused(context, identity, identifier):
                return refused
            matched, changed = await self._matches(context, identity, identifier, password)
        if identity is None or not matched:
            flow.ui.add_message(errors.wrong_credentials())
            return Stay()
        # A hook may still stop the sign-in; the form is as it was then.
        flow.ui.set_value("identifier", earlier)
        return Authenticated(identity, Authentication(METHOD, AAL1, services.now()), changed=changed)

    async def _matches(
        self, context: StepContext, identity: Identity | None, identifier: str, password: str
    ) -> tuple[bool, bool]:
        """Whether the password is right, here or where it still lies, and whether the credential was renewed."""
        credential = identity.credential(METHOD) if identity else None
        if identity is None or credential is None or not migration.is_elsewhere(credential):
            return await self._compare(context, credential, password)
        matched = await migration.matches(context, identity, identifier, password)
        return matched, matched and await self._store(context, credential, password)

    async def _compare(self, context: StepContext, credential: Credential | None, password: str) -> tuple[bool, bool]:
        """Whether the password matches, and whether the credential was renewed by the way."""
        hashing = context.services.hashing
        stored = str(credential.config.get("hashed_password") or "") if credential else ""
        if credential is None or not stored:
            await hashing.dummy_verify(password)
            return False, False
        if not await hashing.verify(stored, password):
            return False, False
        return True, hashing.needs_rehash(stored) and await self._store(context, credential, password)

    @staticmethod
    async def _find(context: StepContext, identifier: str) -> Identity | None:
        try:
            # A telephone number signs in as it is stored, E.164; other ways to write it do not, as in Kratos.
            canonical = normalize.identifier(identifier, phone=False)
        except normalize.NotCanonical:
            return None
        return await context.services.identities.by_identifier(canonical, (METHOD,))

    @staticmethod
    async def _store(context: StepContext, credential: Credential, password: str) -> bool:
        """Keeps the password under the configured hash; False when that cannot take it."""
        services = context.services
        try:
            credential.config = {"hashed_password": await services.hashing.hash(password)}
        except PasswordTooLong:
            return False
        credential.updated_at = services.now()
        return True


def is_usable(identity: Identity | None) -> bool:
    """Whether an identity has a password to sign in with."""
    config = held.config if identity and (held := identity.credential(METHOD)) else {}
    return bool(config.get("hashed_password") or config.get(migration.FLAG))


def known_identifier(identity: Identity | None) -> str | None:
    """The identifier that a confirmed login is fixed to."""
    credential = identity.credential(METHOD) if identity else None
    if credential is None or not is_usable(identity):
        return None
    return credential.identifiers[0] if credential.identifiers else None
