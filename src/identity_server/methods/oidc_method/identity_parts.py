"""Traits, metadata and verified addresses that come from a provider."""

import contextlib
from collections.abc import Mapping
from typing import Any

from identity_server.identity.model import Identity
from identity_server.methods.oidc_method.claims_mapping import Mapped
from identity_server.schema import normalize
from identity_server.services import Services


def merged(base: Any, over: Any) -> Any:
    """Two values, objects member by member; elsewhere the second counts."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        both = {name: merged(base[name], over[name]) for name in base.keys() & over.keys()}
        return {**base, **over, **both}
    return over


def draft(services: Services, schema_id: str, mapped: Mapped, typed: Any) -> Identity:
    """A new identity; what the person typed counts more than what the provider says."""
    identity = services.manager.draft(schema_id, merged(mapped.traits, typed) if typed else mapped.traits)
    identity.metadata_public = mapped.metadata.get("metadata_public")
    identity.metadata_admin = mapped.metadata.get("metadata_admin")
    return identity


async def renew(services: Services, identity: Identity, mapped: Mapped) -> None:
    """Brings an identity up to date; here the provider counts more, and metadata it does not speak of stay.

    What somebody else changes at the same moment is not overruled; it happens again at the next login.

    Raises:
        InvalidTraits: the result does not fit the schema.
        Conflict: one of its names is taken.
    """
    identity.traits = merged(identity.traits, mapped.traits)
    for name, value in mapped.metadata.items():
        setattr(identity, name, value)
    services.manager.settle(identity)
    mark_verified(services, identity, mapped)
    seen, identity.updated_at = identity.updated_at, services.now()
    with contextlib.suppress(LookupError):
        await services.identities.update(identity, expected_updated_at=seen)


def mark_verified(services: Services, identity: Identity, mapped: Mapped) -> None:
    """Notes which of an identity's addresses the provider vouches for; any other that it names is ignored."""
    vouched = {(via, _canonical(via, value)) for via, value in mapped.verified}
    now = services.now()
    for address in identity.verifiable_addresses:
        if (address.via, _canonical(address.via, address.value)) in vouched and not address.verified:
            address.verified, address.status = True, "completed"
            address.verified_at = address.updated_at = now


def _canonical(via: str, value: str) -> str:
    try:
        return normalize.address(via, value)
    except normalize.NotCanonical:
        return value
