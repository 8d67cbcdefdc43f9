"""Recovery that an operator starts for somebody: a code to read out, or a link to hand over."""

from dataclasses import dataclass
from datetime import timedelta

from identity_server.flows.engine import Engine
from identity_server.flows.model import BROWSER, SENT_EMAIL, Flow, new_flow
from identity_server.messages import labels
from identity_server.methods.code_method import issue as codes
from identity_server.methods.link_method import issue as links
from identity_server.times import Timestamp
from identity_server.ui import nodes


@dataclass(frozen=True)
class Issued:
    """What the operator hands over.

    Attributes:
        code: the code to type at ``link``; empty when the link suffices.
    """

    link: str
    expires_at: Timestamp
    code: str = ""


@dataclass(frozen=True)
class Order:
    """What the operator asked for.

    Attributes:
        request_url: the address that was called.
        expires_in: how long it is good for; as configured when None.
        flow_type: ``browser`` or ``api``.
    """

    identity_id: str
    request_url: str
    return_to: str = ""
    expires_in: timedelta | None = None
    flow_type: str = BROWSER


class OperatorRecovery:
    """Makes recovery codes and links.

    Args:
        engine: what all flows share.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._services = engine.services

    async def code(self, order: Order) -> Issued:
        """A code, with the page to type it into.

        Raises:
            ApiError: when ``return_to`` is not on the list.
        """
        flow = self._flow(order, order.expires_in or self._services.configuration.span(codes.LIFESPAN))
        flow.state, flow.active = SENT_EMAIL, "code"
        flow.ui.append(
            nodes.input_node(
                "code", "text", "code", required=True, pattern="[0-9]+", maxlength=6, label=labels.recovery_code()
            ),
            nodes.submit("method", "code", "code", labels.proceed()),
        )
        code, stored = codes.new_code(self._services, flow, identity_id=order.identity_id, lifespan=order.expires_in)
        await self._services.flows.insert(flow)
        await self._services.codes.add([stored])
        return Issued(self._engine.page_of(flow), stored.expires_at, code)

    async def link(self, order: Order) -> Issued:
        """A link that lets its holder in.

        Raises:
            ApiError: when ``return_to`` is not on the list.
        """
        lifespan = self._services.configuration.span(links.LIFESPAN)
        flow = self._flow(order, max(lifespan, order.expires_in or lifespan))
        flow.active = "link"
        flow.ui.append(
            nodes.input_node("email", "email", "link", required=True, label=labels.email()),
            nodes.submit("method", "link", "link", labels.proceed()),
        )
        token, stored = links.new_token(self._services, flow, identity_id=order.identity_id, lifespan=order.expires_in)
        await self._services.flows.insert(flow)
        await self._services.codes.add_token(stored)
        return Issued(links.link(self._services, flow, token), stored.expires_at)

    def _flow(self, order: Order, lifespan: timedelta) -> Flow:
        if order.return_to:
            self._engine.return_url(order.return_to, "recovery")
        flow = new_flow(
            "recovery",
            order.flow_type,
            action=f"{self._services.public_url}self-service/recovery",
            request_url=order.request_url,
            now=self._services.now(),
            lifespan=lifespan,
        )
        flow.return_to = order.return_to
        flow.identity_id = order.identity_id
        # Who holds the code or the link comes with a browser that never saw this flow start.
        flow.skip_csrf_check = True
        return flow
