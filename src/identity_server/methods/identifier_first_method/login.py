"""The first screen of a login in two."""

from identity_server.flows import forms
from identity_server.identity.model import Identity
from identity_server.messages import errors, labels
from identity_server.methods.interface import Advance, Form, NotMine, Outcome, Stay, StepContext
from identity_server.schema import normalize
from identity_server.ui import nodes

METHOD = "identifier_first"
#: Credentials whose identifiers people type.
_TYPED = ("password", "webauthn", "code")


class IdentifierFirstLogin:
    """The identifier's part in login flows."""

    async def fill(self, context: StepContext) -> None:
        """The identifier and a button, in a first screen alone."""
        if context.screen != "first":
            return
        flow, schemas = context.flow, context.services.schemas
        field = schemas.get(flow.identity_schema or schemas.default_id).identifier_field
        label = labels.identifier(field.name, field.title) if field else labels.identifier()
        flow.ui.upsert(
            nodes.input_node(
                "identifier", "text", METHOD, value="", required=True, autocomplete="username webauthn", label=label
            ),
            nodes.submit("method", METHOD, METHOD, labels.proceed()),
        )

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Goes on to the second screen; whether it has anything to offer shows there."""
        if forms.text_of(form, "method") != METHOD:
            return NotMine()
        context.guard(form)
        ui = context.flow.ui
        ui.clear_messages()
        identifier = forms.text_of(form, "identifier")
        ui.set_value("identifier", identifier)
        if not identifier:
            ui.add_message(errors.account_not_found(), "identifier")
            return Stay()
        return Advance("second", await self._named(context, identifier), identifier)

    @staticmethod
    async def _named(context: StepContext, identifier: str) -> Identity | None:
        try:
            canonical = normalize.identifier(identifier)
        except normalize.NotCanonical:
            return None
        return await context.services.identities.by_identifier(canonical, _TYPED)
