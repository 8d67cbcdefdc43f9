"""Security keys: a second factor or, when so configured, a first one. In browsers alone."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.security_keys.relying_party import for_security_keys
from identity_server.methods.webauthn_method.login import WebauthnLogin
from identity_server.methods.webauthn_method.registration import WebauthnRegistration
from identity_server.methods.webauthn_method.settings import WebauthnSettings
from identity_server.services import Services


class WebauthnMethod:
    """The room of security keys."""

    id = "webauthn"
    group = "webauthn"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow, when security keys are enabled."""
        configuration = services.configuration
        if not configuration.flag("selfservice.methods.webauthn.enabled"):
            return {}
        party = for_security_keys(configuration)
        passwordless = configuration.flag("selfservice.methods.webauthn.config.passwordless")
        steps: dict[Kind, Step] = {
            "login": WebauthnLogin(party, passwordless=passwordless),
            "settings": WebauthnSettings(party, passwordless=passwordless),
        }
        if passwordless:
            steps["registration"] = WebauthnRegistration(party)
        return steps
