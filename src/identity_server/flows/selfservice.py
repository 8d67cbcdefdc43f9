"""All self-service flows, put together."""

from dataclasses import dataclass

from identity_server.flows.engine import Engine
from identity_server.flows.login import LoginFlows
from identity_server.flows.logout import LogoutFlow
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
