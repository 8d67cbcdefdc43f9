"""The configured providers, each built when somebody first uses it."""

from collections.abc import Mapping

from identity_server.methods.oidc_method import provider_settings, refusals
from identity_server.methods.oidc_method.claims_mapping import ClaimsMapper
from identity_server.methods.oidc_method.discovery import Discovery
from identity_server.methods.oidc_method.key_sets import KeySets
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.methods.oidc_method.providers import catalogue
from identity_server.methods.oidc_method.providers.provider import Provider, Tools
from identity_server.methods.oidc_method.web_calls import WebCalls
from identity_server.services import Services


class ProviderSet:
    """All providers of a configuration, with what is remembered of them.

    Attributes:
        settings: by id, in the order of the configuration.
        mapper: runs their mappers.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self.settings: Mapping[str, ProviderSettings] = provider_settings.configured(services)
        self.mapper = ClaimsMapper(services)
        web = WebCalls(services.outbound)
        self._tools = Tools(web, Discovery(web), KeySets(web), services.clock)
        self._built: dict[str, Provider] = {}

    def get(self, provider_id: str) -> Provider:
        """A provider by its id.

        Raises:
            ApiError: 404 when there is none.
        """
        if provider_id not in self.settings:
            raise refusals.unknown_provider(provider_id[:100])
        if provider_id not in self._built:
            self._built[provider_id] = catalogue.build(self.settings[provider_id], self._tools)
        return self._built[provider_id]

    def redirect_uri(self, provider: Provider) -> str:
        """Where the provider sends people back to.

        With forced proof keys it is the same address for all providers; which one it was then stands in the state.
        """
        configuration = self.services.configuration
        base = configuration.text(f"{provider_settings.KEY}.base_redirect_uri") or self.services.public_url
        place, settings = f"{base.rstrip('/')}/{provider.callback}", provider.settings
        return place if settings.pkce == provider_settings.ALWAYS else f"{place}/{settings.id}"
