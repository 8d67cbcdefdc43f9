"""Social sign-in: OpenID Connect and OAuth2 providers."""

from collections.abc import Mapping
from typing import Final

from identity_server.flows.model import Kind
from identity_server.methods.interface import Step
from identity_server.methods.oidc_method.login import OidcLogin
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.registration import OidcRegistration
from identity_server.methods.oidc_method.settings import OidcSettings
from identity_server.services import Services

METHOD: Final = "oidc"


class OidcMethod:
    """The room of providers; it remembers what they said of themselves."""

    id = METHOD
    group = METHOD

    def __init__(self) -> None:
        self._providers: ProviderSet | None = None

    def providers(self, services: Services) -> ProviderSet:
        """The configured providers."""
        if self._providers is None or self._providers.services is not services:
            self._providers = ProviderSet(services)
        return self._providers

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow, when social sign-in is enabled."""
        if not services.configuration.flag("selfservice.methods.oidc.enabled"):
            return {}
        providers = self.providers(services)
        return {
            "login": OidcLogin(providers),
            "registration": OidcRegistration(providers),
            "settings": OidcSettings(providers),
        }
