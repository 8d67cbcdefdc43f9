"""Links with a token: to recover an account, to prove an address."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.link_method.recovery import LinkRecovery
from identity_server.methods.link_method.verification import LinkVerification
from identity_server.services import Services


class LinkMethod:
    """The room of links."""

    id = "link"
    group = "link"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow."""
        if not services.configuration.flag("selfservice.methods.link.enabled"):
            return {}
        return {"recovery": LinkRecovery(), "verification": LinkVerification()}
