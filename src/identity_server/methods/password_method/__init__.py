"""Passwords: sign in, sign up, change."""

from collections.abc import Mapping

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.password_method.login import PasswordLogin
from identity_server.methods.password_method.registration import PasswordRegistration
from identity_server.methods.password_method.settings import PasswordSettings
from identity_server.services import Services


class PasswordMethod:
    """The room of passwords."""

    id = "password"
    group = "password"

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow, when passwords are enabled."""
        if not services.configuration.flag("selfservice.methods.password.enabled"):
            return {}
        return {"login": PasswordLogin(), "registration": PasswordRegistration(), "settings": PasswordSettings()}
