"""What identities need from storage."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from identity_server.identity.model import Identity

#: Credential types whose identifiers a person types, compared in their canonical form.
TYPED_IDENTIFIERS = ("password", "webauthn", "code", "passkey")


class Changed(LookupError):
    """Somebody else changed the identity since it was read."""


class IdentityStore(Protocol):
    """Identities, found by any of their names."""

    async def insert(self, identity: Identity) -> None:
        """Stores a new identity whole.

        Raises:
            Conflict: when an identifier, an address or the external id is taken; nothing is stored then.
        """
        ...

    async def insert_many(self, identities: Sequence[Identity]) -> list[Exception | None]:
        """Stores many; the answer has None or the error of each, in order."""
        ...

    async def update(self, identity: Identity, *, expected_updated_at: str | None = None) -> None:
        """Replaces an identity with its credentials and addresses.

        Raises:
            Conflict: as for ``insert``.
            LookupError: when it does not exist.
            Changed: when it is not the one of ``expected_updated_at`` any more.
        """
        ...

    async def delete(self, identity_id: str) -> bool:
        """Removes an identity and all that belongs to it; False when there was none."""
        ...

    async def by_id(self, identity_id: str) -> Identity | None:
        """The identity with its credentials."""
        ...

    async def by_external_id(self, external_id: str) -> Identity | None:
        """The identity that an outside system calls so."""
        ...

    async def by_identifier(self, identifier: str, types: Iterable[str]) -> Identity | None:
        """The identity that signs in with a name.

        Args:
            identifier: in the canonical form of its type.
            types: credential types, the first match wins.
        """
        ...

    async def by_address(self, kind: str, via: str, value: str) -> Identity | None:
        """The identity that owns an address; ``kind`` is ``verifiable`` or ``recovery``."""
        ...
