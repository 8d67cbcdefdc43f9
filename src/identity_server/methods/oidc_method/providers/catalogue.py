"""The vendors by their names in the configuration; a vendor's file is read when somebody uses it."""

from importlib import import_module
from typing import Final

from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.methods.oidc_method.providers.provider import Provider, Tools

VENDORS: Final = {
    "generic": "generic",
    "google": "google",
    "github": "github",
    "gitlab": "gitlab",
    "microsoft": "microsoft",
    "apple": "apple",
    "discord": "discord",
    "slack": "slack",
    "facebook": "facebook",
    "auth0": "auth0",
    "vk": "vk",
    "yandex": "yandex",
    "spotify": "spotify",
    "netid": "netid",
    "dingtalk": "dingtalk",
    "linkedin": "linkedin",
    "linkedin_v2": "linkedin_v2",
    "patreon": "patreon",
    "lark": "lark",
    "x": "x",
    "line": "line",
    "jackson": "jackson",
    "salesforce": "salesforce",
    "amazon": "amazon",
    "uaepass": "uaepass",
    "github-app": "github_app",
    "fedcm-test": "fedcm_test",
}
_PACKAGE: Final = __name__.rpartition(".")[0]


def build(settings: ProviderSettings, tools: Tools) -> Provider:
    """The provider of an entry of the configuration."""
    vendor: type[Provider] = import_module(f"{_PACKAGE}.{VENDORS[settings.vendor]}").PROVIDER
    return vendor(settings, tools)
