"""Recovery by a code with a choice of addresses: any of them begins it, another may get the code.

Whoever knows one address of an account learns no other: choices are shown in parts, and the chosen one must be typed.
"""

import base64
import hashlib
from collections.abc import Sequence

from identity_server.flows import addressee, forms
from identity_server.flows.model import PASSED_CHALLENGE, Flow
from identity_server.identity.model import Address
from identity_server.messages import errors, labels, recovery
from identity_server.messages.message import Message
from identity_server.methods.code_method import nodes
from identity_server.methods.code_method.recovery import METHOD, send, use
from identity_server.methods.interface import Form, NotMine, Outcome, Restart, Stay, StepContext
from identity_server.ui import nodes as ui_nodes
from identity_server.ui.nodes import Node

AWAITING_ADDRESS = "recovery_awaiting_address"
AWAITING_CHOICE = "recovery_awaiting_address_choice"
CONFIRMING = "recovery_confirming_address"
AWAITING_CODE = "recovery_awaiting_code"
STATES = (AWAITING_ADDRESS, AWAITING_CHOICE, CONFIRMING, AWAITING_CODE)

FLAG = "feature_flags.choose_recovery_address"


class CodeRecoveryChoice:
    """The code's part in recovery flows with a choice."""

    async def fill(self, context: StepContext) -> None:
        """The field for any address."""
        context.flow.state = AWAITING_ADDRESS
        context.flow.ui.append(nodes.recovery_address(), nodes.go_on())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Goes to the screen that the fields lead to."""
        flow = context.flow
        context.guard(form)
        flow.ui.clear_messages()
        code = forms.text_of(form, "code")
        if flow.state in (AWAITING_CODE, PASSED_CHALLENGE) and code:
            return await use(context, code)
        if forms.text_of(form, "method") != METHOD:
            return NotMine()
        if flow.state not in STATES:
            return Restart(errors.recovery_retried())
        flow.active = METHOD
        if forms.text_of(form, "screen") == "previous":
            return await self._back(context, form)
        return await self._forward(context, form)

    async def _back(self, context: StepContext, form: Form) -> Outcome:
        typed = forms.text_of(form, "recovery_address")
        if context.flow.state in (CONFIRMING, AWAITING_CODE) and typed:
            addresses = await _addresses(context, typed)
            if len(addresses) > 1:
                return _choices(context.flow, typed, addresses)
        _show(context.flow, AWAITING_ADDRESS, [nodes.recovery_address(), nodes.go_on()])
        return Stay(200, moved=True)

    async def _forward(self, context: StepContext, form: Form) -> Outcome:
        typed = forms.text_of(form, "recovery_address")
        confirmed = forms.text_of(form, "recovery_confirm_address")
        chosen = forms.text_of(form, "recovery_select_address")
        if confirmed:
            return await self._send(context, confirmed, typed or confirmed)
        if not typed:
            return _required(context.flow)
        addresses = await _addresses(context, typed)
        if chosen:
            return await self._chosen(context, typed, chosen, addresses)
        if len(addresses) > 1:
            return _choices(context.flow, typed, addresses)
        return await self._send(context, typed, typed)

    async def _chosen(self, context: StepContext, typed: str, chosen: str, addresses: Sequence[Address]) -> Outcome:
        address = next((each for each in addresses if _choice(each.value) == chosen), None)
        if address is None or _choice(typed) == chosen:
            return await self._send(context, typed, typed)
        kind, label = ("email", labels.email()) if address.via == "email" else ("tel", labels.phone())
        confirm = ui_nodes.input_node(
            "recovery_confirm_address", kind, nodes.GROUP, value="", required=True, label=label
        )
        shown = [confirm, _kept(typed), nodes.go_on(), nodes.method(), nodes.back()]
        _show(context.flow, CONFIRMING, shown, recovery.give_address())
        return Stay(200, moved=True)

    async def _send(self, context: StepContext, to: str, typed: str) -> Outcome:
        await send(context, await addressee.find(context.services, "recovery", _via(to), to))
        shown = [
            nodes.recovery_code(),
            nodes.go_on(),
            nodes.method(),
            nodes.again("recovery_confirm_address", to),
            _kept(typed),
            nodes.back(),
        ]
        _show(context.flow, AWAITING_CODE, shown, recovery.code_sent_to(masked(to)))
        return Stay(200, moved=True)


def masked(address: str) -> str:
    """An address in parts: enough to recognise one's own, too little to write to."""
    local, at, domain = address.rpartition("@")
    return f"{local[:2]}****@{domain}" if at else f"{address[:3]}****{address[-2:]}"


def _via(address: str) -> str:
    return "email" if "@" in address else "sms"


def _choice(address: str) -> str:
    return base64.b64encode(hashlib.sha256(address.encode("utf-8", "surrogatepass")).digest()).decode()


async def _addresses(context: StepContext, typed: str) -> list[Address]:
    target = await addressee.find(context.services, "recovery", _via(typed), typed)
    return target.identity.recovery_addresses if target.identity else []


def _choices(flow: Flow, typed: str, addresses: Sequence[Address]) -> Stay:
    buttons = [
        ui_nodes.submit("recovery_select_address", _choice(each.value), nodes.GROUP, labels.text(masked(each.value)))
        for each in addresses
    ]
    _show(flow, AWAITING_CHOICE, [*buttons, nodes.method(), _kept(typed)], recovery.choose_address())
    return Stay(200, moved=True)


def _required(flow: Flow) -> Stay:
    if flow.ui.find("recovery_address", nodes.GROUP) is None:
        _show(flow, AWAITING_ADDRESS, [nodes.recovery_address(), nodes.go_on()])
    flow.ui.add_message(errors.required("recovery_address"), "recovery_address")
    return Stay()


def _kept(typed: str) -> Node:
    return ui_nodes.hidden("recovery_address", nodes.GROUP, value=typed)


def _show(flow: Flow, state: str, shown: Sequence[Node], message: Message | None = None) -> None:
    flow.state = state
    flow.ui.nodes = [*(node for node in flow.ui.nodes if node.name == "csrf_token"), *shown]
    if message is not None:
        flow.ui.add_message(message)
