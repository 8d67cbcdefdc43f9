"""The configured Jsonnet turns claims into what an identity is made of."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from identity_server.identity.model import Identity
from identity_server.mappers.errors import MapperError
from identity_server.methods.oidc_method import refusals
from identity_server.methods.oidc_method.claims import Claims
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.services import Services

log = structlog.get_logger("oidc")
_KEPT_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class Mapped:
    """What a mapper gave.

    Attributes:
        metadata: ``metadata_public`` and ``metadata_admin``, as far as the mapper speaks of them.
        verified: addresses that the provider vouches for, as ``(via, value)``.
    """

    traits: dict[str, Any] = field(repr=False)
    metadata: Mapping[str, Any] = field(repr=False)
    verified: frozenset[tuple[str, str]] = field(repr=False)


class ClaimsMapper:
    """Runs mappers; those behind web addresses are kept for an hour.

    Args:
        services: where snippets are read and run.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: dict[str, tuple[float, str]] = {}

    async def map(self, settings: ProviderSettings, claims: Claims, identity: Identity | None = None) -> Mapped:
        """What the provider's mapper makes of claims.

        Args:
            identity: who signs in, for mappers that keep some of what is there.

        Raises:
            ApiError: 500 when the mapper gives nothing usable.
        """
        variables = {"claims": claims.for_mapper(), "identity": _known(identity)}
        try:
            snippet = await self._snippet(settings.mapper_url)
            found = await self._services.jsonnet.evaluate(snippet, variables)
        except MapperError as error:
            log.error("a claims mapper failed", provider=settings.id, reason=error.reason.value)
            log.debug("what the claims mapper said", provider=settings.id, detail=error.detail)
            raise refusals.broken_mapper(settings.id, error.reason.value) from error
        except (OSError, ValueError) as error:
            log.error("a claims mapper cannot be read", provider=settings.id, cause=str(error))
            raise refusals.broken_mapper(settings.id, "the mapper cannot be read") from error
        return _mapped(settings, found)

    async def _snippet(self, url: str) -> str:
        read_at, snippet = self._kept.get(url, (float("-inf"), ""))
        if time.monotonic() - read_at < _KEPT_SECONDS:
            return snippet
        snippet = (await self._services.read_uri(url)).decode()
        if url.startswith("http"):
            self._kept[url] = (time.monotonic(), snippet)
        return snippet


def _known(identity: Identity | None) -> dict[str, Any]:
    if identity is None:
        return {}
    return {
        "traits": identity.traits,
        "metadata_public": identity.metadata_public,
        "metadata_admin": identity.metadata_admin,
    }


def _mapped(settings: ProviderSettings, found: Any) -> Mapped:
    identity = found.get("identity") if isinstance(found, dict) else None
    traits = identity.get("traits") if isinstance(identity, dict) else None
    if not isinstance(identity, dict) or not isinstance(traits, dict):
        raise refusals.broken_mapper(settings.id, "the mapper gives no object identity.traits")
    metadata = {name: identity[name] for name in ("metadata_public", "metadata_admin") if name in identity}
    for name, value in metadata.items():
        if value is not None and not isinstance(value, dict):
            raise refusals.broken_mapper(settings.id, f"the mapper gives an identity.{name} that is no object")
    return Mapped(traits, metadata, _verified(settings, identity.get("verified_addresses")))


def _verified(settings: ProviderSettings, given: Any) -> frozenset[tuple[str, str]]:
    if given is None:
        return frozenset()
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise refusals.broken_mapper(settings.id, "the mapper gives verified_addresses that are no list of objects")
    return frozenset((str(each.get("via")), str(each.get("value"))) for each in given)
