"""``tracing``: where the server sends its traces."""

from dataclasses import dataclass
from typing import Any

import ops
import pydantic
from charmlibs.interfaces.tracing import TracingProviderAppData

from . import bags

ENDPOINT = "tracing"
PROTOCOL = "otlp_http"


@dataclass(frozen=True)
class Tracing:
    """The receiver, or nothing."""

    url: str = ""

    @classmethod
    def load(cls, model: ops.Model) -> "Tracing":
        """Read the relation.

        Raises:
            RelationError: when the receiver's address is none.
        """
        text = bags.remote(bags.first(model, ENDPOINT)).get("receivers", "")
        try:
            found = TracingProviderAppData.model_validate(
                {"receivers": bags.parsed(ENDPOINT, "receivers", text or "[]")}
            )
        except pydantic.ValidationError:
            raise bags.RelationError(f"{ENDPOINT}: receivers is not a list of receivers") from None
        receivers = found.receivers
        urls = [one.url for one in receivers if one.protocol.name == PROTOCOL]
        return cls(bags.web_url(ENDPOINT, "receivers", urls[0])) if urls else cls()

    def settings(self) -> dict[str, Any]:
        """``tracing``."""
        if not self.url:
            return {}
        scheme, _, server = self.url.partition("://")
        otlp = {"server_url": server, "insecure": scheme == "http", "sampling": {"sampling_ratio": 1.0}}
        return {"tracing": {"provider": "otel", "providers": {"otlp": otlp}}}


def publish(model: ops.Model) -> None:
    """Ask for a receiver of our protocol."""
    for relation in model.relations[ENDPOINT]:
        bags.write(relation, model.app, {"receivers": f'["{PROTOCOL}"]'})
