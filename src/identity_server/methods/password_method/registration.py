"""Signing up with a password."""

from identity_server.flows import forms, traits
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors
from identity_server.methods.interface import Form, NotMine, Outcome, Registered, Stay, StepContext
from identity_server.methods.password_method import nodes
from identity_server.methods.password_method.credential import METHOD, accepted_hash
from identity_server.session.model import AAL1, Authentication


class PasswordRegistration:
    """The password's part in registration flows."""

    async def fill(self, context: StepContext) -> None:
        """Password and button; nothing in a first screen."""
        if context.screen != "first":
            context.flow.ui.upsert(nodes.new_password(), nodes.sign_up())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Makes an identity with a password when traits and password are fit."""
        if forms.text_of(form, "method") != METHOD:
            return NotMine()
        context.guard(form)
        ui, services, schemas = context.flow.ui, context.services, context.services.schemas
        ui.clear_messages()
        schema = schemas.get(context.flow.identity_schema or schemas.default_id)
        submitted = traits.submitted(context.caller, form, schema)
        password = forms.text_of(form, "password")
        submitted.tell(ui)
        if not password:
            ui.add_message(errors.required("password"), "password")
        identity = None if ui.has_errors else await self._identity(context, schema.id, submitted.traits, password)
        if identity is None:
            submitted.keep(ui)
            return Stay()
        return Registered(identity, Authentication(METHOD, AAL1, services.now()))

    @staticmethod
    async def _identity(context: StepContext, schema_id: str, values: object, password: str) -> Identity | None:
        services, ui = context.services, context.flow.ui
        identity = services.manager.draft(schema_id, values)
        try:
            services.manager.settle(identity)
        except InvalidTraits:
            return None
        held = identity.credential(METHOD)
        if held is None or not held.identifiers:
            ui.add_message(errors.identifiers_missing())
            return None
        hashed = await accepted_hash(services, ui, password, held.identifiers)
        if not hashed:
            return None
        identity.credentials[METHOD] = Credential(
            METHOD, held.identifiers, {"hashed_password": hashed}, created_at=held.created_at, updated_at=services.now()
        )
        return identity
