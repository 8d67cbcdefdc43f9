"""Form nodes of social sign-in."""

from typing import Final

from identity_server.messages import login, registration, settings
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.ui import nodes
from identity_server.ui.nodes import Group, Node

GROUP: Final[Group] = "oidc"


def sign_in(provider: ProviderSettings) -> Node:
    """The button of a provider that signs in."""
    return nodes.submit("provider", provider.id, GROUP, login.sign_in_with(provider.label, provider.id))


def confirm(provider: ProviderSettings) -> Node:
    """The button of a connected provider that proves an account before another one is connected."""
    return nodes.submit("provider", provider.id, GROUP, login.confirm_with(provider.label))


def sign_up(provider: ProviderSettings) -> Node:
    """The button of a provider that signs up."""
    return nodes.submit("provider", provider.id, GROUP, registration.sign_up_with(provider.label, provider.id))


def complete(provider: ProviderSettings) -> Node:
    """The button that completes a sign-up with what the provider did not tell."""
    return nodes.submit("provider", provider.id, GROUP, registration.proceed())


def link(provider: ProviderSettings) -> Node:
    """The button that connects a provider."""
    return nodes.submit("link", provider.id, GROUP, settings.link_provider(provider.label))


def unlink(provider: ProviderSettings) -> Node:
    """The button that disconnects a provider."""
    return nodes.submit("unlink", provider.id, GROUP, settings.unlink_provider(provider.label))
