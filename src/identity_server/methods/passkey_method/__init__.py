"""Passkeys: keys that are found without a name being typed. In browsers alone."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.passkey_method.login import PasskeyLogin
from identity_server.methods.passkey_method.registration import PasskeyRegistration
from identity_server.methods.passkey_method.settings import PasskeySettings
from identity_server.methods.security_keys.relying_party import for_passkeys
from identity_server.services import Services


class PasskeyMethod:
    """The room of passkeys."""

    id = "passkey"
    group = "passkey"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow, when passkeys are enabled."""
        if not services.configuration.flag("selfservice.methods.passkey.enabled"):
            return {}
        party = for_passkeys(services.configuration)
        return {
            "login": PasskeyLogin(party),
            "registration": PasskeyRegistration(party),
            "settings": PasskeySettings(party),
        }
