"""The credential of an identity's accounts at providers, in Kratos' form."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.identity.model import Credential, Identity
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.methods.oidc_method.providers.provider import Tokens
from identity_server.services import Services
from identity_server.times import Timestamp

TYPE: Final = "oidc"
Entry = Mapping[str, Any]


def identifier(provider_id: str, subject: str) -> str:
    """What finds the identity of a provider's account: two providers may well have the same subject."""
    return f"{provider_id}:{subject}"


async def owner(services: Services, provider_id: str, subject: str) -> Identity | None:
    """The identity that an account at a provider is connected to."""
    found = await services.identities.by_identifier(identifier(provider_id, subject), (TYPE,))
    # A provider whose id has a colon could spell another's identifier; what counts is the stored pair.
    known = found is not None and any(
        entry.get("provider") == provider_id and entry.get("subject") == subject for entry in entries(found)
    )
    return found if known else None


def entries(identity: Identity | None) -> list[dict[str, Any]]:
    """The accounts that an identity is connected to."""
    held = identity.credential(TYPE) if identity is not None else None
    return list(held.config.get("providers") or ()) if held is not None else []


def providers_of(identity: Identity | None) -> set[str]:
    """Ids of the providers that an identity is connected to."""
    return {str(entry.get("provider")) for entry in entries(identity)}


def entry(services: Services, settings: ProviderSettings, subject: str, tokens: Tokens | None) -> dict[str, Any]:
    """A connection as it is stored; tokens are sealed with the configured cipher."""

    def sealed(token: str) -> str:
        return services.cipher.encrypt(token.encode()) if token else ""

    made: dict[str, Any] = {"subject": subject, "provider": settings.id}
    held = tokens or Tokens()
    made |= {
        "initial_id_token": sealed(held.id_token),
        "initial_access_token": sealed(held.access_token),
        "initial_refresh_token": sealed(held.refresh_token),
    }
    if settings.organization_id:
        made["organization"] = settings.organization_id
    return made


def connect(identity: Identity, made: Entry, now: Timestamp) -> None:
    """Adds a connection to an identity."""
    replace(identity, [*entries(identity), dict(made)], now)


def disconnect(identity: Identity, provider_id: str, now: Timestamp) -> None:
    """Takes a provider's connections from an identity."""
    replace(identity, [each for each in entries(identity) if each.get("provider") != provider_id], now)


def replace(identity: Identity, connections: list[dict[str, Any]], now: Timestamp) -> None:
    """Gives an identity these connections and no others."""
    held = identity.credential(TYPE)
    names = [identifier(str(each.get("provider")), str(each.get("subject"))) for each in connections]
    identity.credentials[TYPE] = Credential(
        TYPE,
        names,
        {"providers": connections},
        held.version if held else 0,
        held.created_at if held else now,
        now,
    )
