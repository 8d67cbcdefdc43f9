"""Why a sign-in through a provider did not come about."""

from identity_server.errors import ApiError


class ProviderRefused(Exception):
    """The provider, or what it sent, cannot be relied on this time; the text is for the person who signs in."""


def unreachable(provider_id: str) -> ApiError:
    """The provider gave no answer, or none that makes sense."""
    return ApiError(502, f"The sign-in provider {provider_id!r} gave no proper answer.", id="upstream_error")


def unknown_provider(provider_id: str) -> ApiError:
    """Nobody configured such a provider."""
    return ApiError(404, f"The provider {provider_id!r} is unknown or not configured.")


def no_id_tokens(vendor: str) -> ApiError:
    """The vendor's tokens are not taken from apps."""
    return ApiError(502, f"ID tokens of the provider {vendor} cannot be submitted.", id="upstream_error")


def broken_mapper(provider_id: str, reason: str) -> ApiError:
    """The configured Jsonnet gives nothing usable; the operator's log says more."""
    return ApiError(500, f"The claims of the provider {provider_id!r} could not be mapped: {reason}.")
