"""One-time codes: to recover an account, to prove an address, to sign in and up."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.code_method.login import CodeLogin
from identity_server.methods.code_method.recovery import CodeRecovery
from identity_server.methods.code_method.recovery_choice import FLAG, CodeRecoveryChoice
from identity_server.methods.code_method.registration import CodeRegistration
from identity_server.methods.code_method.verification import CodeVerification
from identity_server.methods.interface import Step
from identity_server.services import Services


class CodeMethod:
    """The room of one-time codes."""

    id = "code"
    group = "code"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow."""
        configuration = services.configuration
        if not configuration.flag("selfservice.methods.code.enabled"):
            return {}
        return {
            "login": CodeLogin(),
            "registration": CodeRegistration(),
            "recovery": CodeRecoveryChoice() if configuration.flag(FLAG) else CodeRecovery(),
            "verification": CodeVerification(),
        }
