"""Why a sign-in through a provider did not come about."""

import structlog

from identity_server.errors import ApiError

_log = structlog.get_logger("oidc")


class ProviderRefused(Exception):
    """The provider, or what it sent, cannot be relied on this time; the text is for the person who signs in."""


def unreachable(where: str) -> ApiError:
    """The provider gave no answer, or none that makes sense; where it was asked may be inside, and is for the log."""
    _log.error("a sign-in provider gave no proper answer", where=where)
    return ApiError(502, "The sign-in provider gave no proper answer; try again.", id="upstream_error")


def unknown_provider(provider_id: str) -> ApiError:
    """Nobody configured such a provider."""
    return ApiError(404, f"The provider {provider_id!r} is unknown or not configured.")


def no_id_tokens(vendor: str) -> ApiError:
    """The vendor's tokens are not taken from apps."""
    return ApiError(502, f"ID tokens of the provider {vendor} cannot be submitted.", id="upstream_error")


def broken_mapper(provider_id: str, reason: str) -> ApiError:
    """The configured Jsonnet gives nothing usable; the operator's log says more."""
    return ApiError(500, f"The claims of the provider {provider_id!r} could not be mapped: {reason}.")
