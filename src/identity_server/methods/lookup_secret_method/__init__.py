"""Backup codes, a second factor for whoever has lost the other one; each code works once."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.lookup_secret_method.login import LookupSecretLogin
from identity_server.methods.lookup_secret_method.settings import LookupSecretSettings
from identity_server.services import Services


class LookupSecretMethod:
    """The room of backup codes."""

    id = "lookup_secret"
    group = "lookup_secret"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in logins and settings."""
        if not services.configuration.flag("selfservice.methods.lookup_secret.enabled"):
            return {}
        return {"login": LookupSecretLogin(), "settings": LookupSecretSettings()}
