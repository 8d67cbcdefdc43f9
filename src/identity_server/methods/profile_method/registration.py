"""Signing up in two steps: who one is first, how to prove it second."""

from identity_server.flows import forms, traits
from identity_server.methods.interface import Advance, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.profile_method import nodes

METHOD = "profile"
#: The way back of earlier pages.
BACK = "profile:back"
PREVIOUS, SELECTION = "previous", "credential-selection"


class ProfileRegistration:
    """The profile's part in registration flows."""

    async def fill(self, context: StepContext) -> None:
        """The button to the second screen, or the one back; the fields are the flow's own."""
        if context.screen == "first":
            context.flow.ui.upsert(nodes.sign_up())
        elif context.screen == "second":
            context.flow.ui.upsert(nodes.back())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Goes on when the traits fit their schema, and back whatever they are."""
        method, screen = forms.text_of(form, "method"), forms.text_of(form, "screen")
        if method not in (METHOD, BACK) and screen not in (PREVIOUS, SELECTION):
            return NotMine()
        context.guard(form)
        flow, schemas = context.flow, context.services.schemas
        schema = schemas.get(flow.identity_schema or schemas.default_id)
        submitted = traits.submitted(context.caller, form, schema)
        flow.ui.clear_messages()
        submitted.keep(flow.ui)
        if screen == PREVIOUS or method == BACK:
            return Advance("first")
        if submitted.violations:
            submitted.tell(flow.ui)
            return Stay()
        return Advance("second")
