"""``tracing`` and ``charm-tracing``: where the server and the charm send their traces."""

from dataclasses import dataclass
from typing import Any

import ops
import pydantic
from charmlibs.interfaces.tracing import TracingProviderAppData

from . import bags

ENDPOINT = "tracing"
OF_THE_CHARM = "charm-tracing"
PROTOCOL = "otlp_http"


@dataclass(frozen=True)
class Tracing:
    """The receiver, or nothing."""

    url: str = ""

    @classmethod
    def load(cls, model: ops.Model, endpoint: str = ENDPOINT) -> "Tracing":
        """Read a relation.

        Raises:
            RelationError: when the receiver's address is none.
        """
        text = bags.remote(bags.first(model, endpoint)).get("receivers", "")
        try:
            found = TracingProviderAppData.model_validate(
                {"receivers": bags.parsed(endpoint, "receivers", text or "[]")}
            )
        except pydantic.ValidationError:
            raise bags.RelationError(f"{endpoint}: receivers is not a list of receivers") from None
        receivers = found.receivers
        urls = [one.url for one in receivers if one.protocol.name == PROTOCOL]
        return cls(bags.web_url(endpoint, "receivers", urls[0])) if urls else cls()

    def settings(self) -> dict[str, Any]:
        """``tracing``."""
        if not self.url:
            return {}
        scheme, _, server = self.url.partition("://")
        otlp = {"server_url": server, "insecure": scheme == "http", "sampling": {"sampling_ratio": 1.0}}
        return {"tracing": {"provider": "otel", "providers": {"otlp": otlp}}}


def publish(model: ops.Model) -> None:
    """Ask for a receiver of our protocol."""
    for relation in (*model.relations[ENDPOINT], *model.relations[OF_THE_CHARM]):
        bags.write(relation, model.app, {"receivers": f'["{PROTOCOL}"]'})


def trace_the_charm(receiver: Tracing, authorities: str) -> None:
    """Send the charm's own traces to a receiver; without one they are dropped."""
    ops.tracing.set_destination(url=f"{receiver.url}/v1/traces" if receiver.url else None, ca=authorities or None)
