"""``hydra-endpoint-info``: the OAuth2 server for which people sign in here."""

from dataclasses import dataclass
from typing import Any

import ops

from . import bags

ENDPOINT = "hydra-endpoint-info"


@dataclass(frozen=True)
class Hydra:
    """The OAuth2 server's admin API, or nothing."""

    admin_url: str = ""

    @classmethod
    def load(cls, model: ops.Model) -> "Hydra":
        """Read the relation.

        Raises:
            RelationError: when the address is none.
        """
        found = bags.remote(bags.first(model, ENDPOINT)).get("admin_endpoint", "")
        return cls(bags.web_url(ENDPOINT, "admin_endpoint", found)) if found else cls()

    def settings(self) -> dict[str, Any]:
        """``oauth2_provider``."""
        return {"oauth2_provider": {"url": self.admin_url}} if self.admin_url else {}
