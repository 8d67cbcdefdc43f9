"""All self-service flows, put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine
from identity_server.flows.login import LoginFlows
from identity_server.flows.logout import LogoutFlow
from identity_server.flows.model import Flow, Kind
from identity_server.flows.oidc_callback import OidcCallback
from identity_server.flows.recovery import RecoveryFlows
from identity_server.flows.recovery_end import RecoveryEnd
from identity_server.flows.registration import RegistrationFlows
from identity_server.flows.settings import SettingsFlows
from identity_server.flows.settings_saving import SettingsSaving
from identity_server.flows.sign_in import SignIn
from identity_server.flows.sign_up import SignUp
from identity_server.flows.verification import VerificationFlows
from identity_server.flows.verification_start import VerificationStart
from identity_server.hooks.runner import HookRunner
from identity_server.methods.oidc_method import OidcMethod
from identity_server.methods.registry import rooms
from identity_server.services import Services


class Shown(Protocol):
    """Flows of a kind, as pages need them."""

    async def page(self, caller: Caller) -> Flow: ...


@dataclass(frozen=True)
class SelfService:
    """The flows by kind."""

    engine: Engine
    login: LoginFlows
    logout: LogoutFlow
    registration: RegistrationFlows
    settings: SettingsFlows
    recovery: RecoveryFlows
    verification: VerificationFlows
    oidc: OidcCallback

    async def page(self, kind: Kind, caller: Caller) -> Flow:
        """A flow for its page, after the checks of its kind: every page and every answer to a page comes by here.

        Raises:
            ApiError: when there is none that this caller may see.
        """
        flows: Mapping[Kind, Shown] = {
            "login": self.login,
            "registration": self.registration,
            "settings": self.settings,
            "recovery": self.recovery,
            "verification": self.verification,
        }
        return await flows[kind].page(caller)


def self_service(services: Services) -> SelfService:
    """Builds the flows over the parts of a server."""
    engine = Engine(services, rooms())
    hooks = HookRunner(services, VerificationStart(engine))
    saving = SettingsSaving(engine, hooks)
    login, settings = LoginFlows(engine, SignIn(engine, hooks)), SettingsFlows(engine, saving)
    registration = RegistrationFlows(engine, SignUp(engine, hooks))
    providers = next(room for room in engine.rooms if isinstance(room, OidcMethod))
    oidc = OidcCallback(engine, providers, login, registration, settings)
    login.vouched = registration.vouched = oidc.vouched
    return SelfService(
        engine,
        login,
        LogoutFlow(engine),
        registration,
        settings,
        RecoveryFlows(engine, hooks, RecoveryEnd(engine, hooks, saving)),
        VerificationFlows(engine, hooks),
        oidc,
    )
