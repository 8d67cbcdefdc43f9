"""Codes of authenticator apps (TOTP, RFC 6238), a second factor."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.totp_method.login import TotpLogin
from identity_server.methods.totp_method.settings import TotpSettings
from identity_server.services import Services


class TotpMethod:
    """The room of authenticator apps."""

    id = "totp"
    group = "totp"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in logins and settings."""
        if not services.configuration.flag("selfservice.methods.totp.enabled"):
            return {}
        return {"login": TotpLogin(), "settings": TotpSettings()}
