"""Asking who somebody is before how they prove it."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.identifier_first_method.login import METHOD, IdentifierFirstLogin
from identity_server.methods.interface import Step
from identity_server.services import Services


class IdentifierFirstMethod:
    """The room of the first screen of a login in two."""

    id = METHOD
    group = METHOD

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Signing in, when the login has two screens."""
        if services.configuration.text("selfservice.flows.login.style") != METHOD:
            return {}
        return {"login": IdentifierFirstLogin()}
