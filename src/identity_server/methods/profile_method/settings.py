"""Changing one's profile."""

from copy import deepcopy

from identity_server.flows import forms, traits
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Identity
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.profile_method import nodes
from identity_server.ui.container import flatten
from identity_server.ui.trait_nodes import trait_nodes

METHOD = "profile"


class ProfileSettings:
    """The profile's part in settings flows."""

    async def fill(self, context: StepContext) -> None:
        """The schema's fields as they are, and a button."""
        identity = context.identity
        if identity is None:
            return
        schema = context.services.schemas.get(identity.schema_id)
        context.flow.ui.upsert(
            *trait_nodes(schema.fields, flatten(identity.traits, "traits"), nodes.GROUP), nodes.save()
        )

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """The profile as it was sent replaces the one before."""
        identity = context.identity
        if forms.text_of(form, "method") != METHOD or identity is None:
            return NotMine()
        ui, manager = context.flow.ui, context.services.manager
        submitted = traits.submitted(context.caller, form, context.services.schemas.get(identity.schema_id))
        changed = deepcopy(identity)
        changed.traits = submitted.traits
        for node in ui.nodes:
            node.messages = []
        ui.clear_values("traits.")
        ui.set_values(flatten(submitted.traits, "traits"), group=nodes.GROUP)
        context.guard(form)
        if submitted.violations:
            submitted.tell(ui)
            return Stay()
        try:
            manager.settle(changed)
        except InvalidTraits as error:
            traits.Submitted(submitted.traits, error.violations).tell(ui)
            return Stay()
        # Kratos forgets at this point when the state last changed, and its clients see that.
        changed.state_changed_at = ""
        return Changed(changed, privileged=_names(changed) != _names(identity))


def _names(identity: Identity) -> object:
    """What signs in, can be verified or recovers: who could change it could take the account over."""
    return (
        {kind: credential.identifiers for kind, credential in identity.credentials.items()},
        [(address.via, address.value) for address in identity.verifiable_addresses],
        [(address.via, address.value) for address in identity.recovery_addresses],
    )
