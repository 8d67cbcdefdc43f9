"""Changing one's password."""

from copy import deepcopy

from identity_server.flows import forms
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.password_method import nodes
from identity_server.methods.password_method.credential import METHOD, accepted_hash


class PasswordSettings:
    """The password's part in settings flows."""

    async def fill(self, context: StepContext) -> None:
        """The new password and a button."""
        context.flow.ui.upsert(nodes.new_password(), nodes.save())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sets a password that the policy takes and that is not the old one."""
        identity = context.identity
        if forms.text_of(form, "method") != METHOD or identity is None:
            return NotMine()
        context.guard(form)
        ui = context.flow.ui
        ui.clear_messages()
        password = forms.text_of(form, "password")
        if not password:
            ui.add_message(errors.required("password"), "password")
            return Stay()
        changed = deepcopy(identity)
        context.services.manager.settle(changed)
        held = changed.credentials.get(METHOD)
        if held is None or not held.identifiers:
            ui.add_message(errors.identifiers_missing())
            return Stay()
        hashed = await accepted_hash(context.services, ui, password, held.identifiers)
        if not hashed:
            return Stay()
        if await self._is_old(context, identity, password):
            ui.add_message(errors.password_unchanged(), "password")
            return Stay()
        now = context.services.now()
        changed.credentials[METHOD] = Credential(
            METHOD, held.identifiers, {"hashed_password": hashed}, held.version, held.created_at, now
        )
        return Changed(changed)

    @staticmethod
    async def _is_old(context: StepContext, identity: Identity, password: str) -> bool:
        held = identity.credential(METHOD)
        stored = str(held.config.get("hashed_password") or "") if held else ""
        return bool(stored) and await context.services.hashing.verify(stored, password)
