"""All self-service flows, put together."""

from dataclasses import dataclass

from identity_server.flows.engine import Engine
from identity_server.flows.login import LoginFlows
from identity_server.flows.logout import LogoutFlow
from identity_server.flows.sign_in import SignIn
from identity_server.hooks.runner import HookRunner
from identity_server.methods.registry import rooms
from identity_server.services import Services


@dataclass(frozen=True)
class SelfService:
    """The flows by kind."""

    engine: Engine
    login: LoginFlows
    logout: LogoutFlow


def self_service(services: Services) -> SelfService:
    """Builds the flows over the parts of a server."""
    engine = Engine(services, rooms())
    sign_in = SignIn(engine, HookRunner(services))
    return SelfService(engine, LoginFlows(engine, sign_in), LogoutFlow(engine))
