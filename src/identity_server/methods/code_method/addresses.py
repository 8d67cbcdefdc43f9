"""Addresses that codes for signing in are sent to."""

from collections.abc import Iterable

from identity_server.flows import addressee
from identity_server.flows.addressee import Addressee
from identity_server.flows.one_time import StoredCode
from identity_server.identity.model import Address, Identity
from identity_server.schema import normalize
from identity_server.services import Services

METHOD = "code"
FALLBACK = "selfservice.methods.code.config.missing_credential_fallback_enabled"
#: Credentials whose identifiers people know.
_KNOWN = ("password", "webauthn", "passkey")


def of(identity: Identity) -> list[Address]:
    """The addresses of an identity's code credential, verified or not."""
    credential = identity.credential(METHOD)
    entries = (credential.config.get("addresses") or []) if credential else []
    return [_address(identity, str(entry["channel"]), str(entry["address"])) for entry in entries]


def _address(identity: Identity, via: str, value: str) -> Address:
    same = (each for each in identity.verifiable_addresses if (each.via, each.value) == (via, value))
    return next(same, None) or Address("", value, via, identity.created_at, identity.updated_at)


async def find(services: Services, typed: str) -> Addressee:
    """Who signs in by codes that are sent to what was typed."""
    via = "email" if "@" in typed else "sms"
    try:
        canonical = normalize.identifier(typed)
    except normalize.NotCanonical:
        return Addressee(typed, via)
    identities = services.identities
    identity = await identities.by_identifier(canonical, (METHOD,))
    if not services.configuration.flag(FALLBACK):
        return _addressee(typed, via, identity, of(identity) if identity else [], canonical)
    # Asked in any case: who has a code credential must not be answered sooner than who has none.
    other = await identities.by_identifier(canonical, _KNOWN)
    if identity is not None:
        return _addressee(typed, via, identity, of(identity), canonical)
    return _addressee(typed, via, other, _fallback(other) if other else [], canonical)


def serves(services: Services, identity: Identity, code: StoredCode) -> bool:
    """Whether a code was sent to an address that the identity still signs in with."""
    if addressee.is_among(of(identity), code.via, code.address):
        return True
    return services.configuration.flag(FALLBACK) and addressee.is_among(_fallback(identity), code.via, code.address)


def _fallback(identity: Identity) -> list[Address]:
    return [*identity.verifiable_addresses, *identity.recovery_addresses]


def _addressee(
    typed: str, via: str, identity: Identity | None, addresses: Iterable[Address], canonical: str
) -> Addressee:
    address = next((each for each in addresses if normalize.identifier(each.value) == canonical), None)
    return Addressee(typed, address.via if address else via, identity if address else None, address)
