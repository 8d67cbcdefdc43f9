"""Keeps an identity true to its schema: traits valid, identifiers and addresses as the traits say."""

from collections.abc import Sequence
from typing import Any

from identity_server import randomness, times
from identity_server.identity.levels import Factors, available_aal
from identity_server.identity.model import Address, Credential, Identity
from identity_server.identity.ports import IdentityStore
from identity_server.schema.extraction import Extraction
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.schema.registry import SchemaRegistry
from identity_server.schema.violation import Violation
from identity_server.times import Clock, Timestamp

#: Credentials that sign in with what the schema marks; others bring identifiers of their own.
FROM_SCHEMA = ("password", "webauthn")


class InvalidTraits(Exception):
    """Traits that do not fit their schema.

    Attributes:
        violations: every rule that they break.
    """

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(f"{len(violations)} rules of the schema are broken")
        self.violations = list(violations)


class IdentityManager:
    """Creates and changes identities.

    Args:
        schemas: the schemas by id.
        store: where identities live.
        clock: the time.
        factors: what the configured methods count.
    """

    def __init__(self, schemas: SchemaRegistry, store: IdentityStore, clock: Clock, factors: Factors) -> None:
        self.schemas = schemas
        self.store = store
        self._clock = clock
        self.factors = factors

    def now(self) -> Timestamp:
        """The current time as it is stored."""
        return times.text(self._clock())

    def draft(self, schema_id: str, traits: Any) -> Identity:
        """An identity that is not stored yet.

        Raises:
            UnknownSchema: when there is no such schema.
        """
        schema = self.schemas.get(schema_id or self.schemas.default_id)
        now = self.now()
        return Identity(
            id=randomness.new_id(),
            schema_id=schema.id,
            traits=traits,
            created_at=now,
            updated_at=now,
            state_changed_at=now,
        )

    def settle(self, identity: Identity) -> IdentitySchema:
        """Checks the traits and derives identifiers, addresses and the available level from them.

        Raises:
            InvalidTraits: when the traits do not fit the schema.
        """
        schema = self.schemas.get(identity.schema_id)
        violations, found = schema.examine(identity.traits)
        if violations:
            raise InvalidTraits(violations)
        now = self.now()
        self._identifiers(identity, found, now)
        identity.verifiable_addresses = _kept(identity.verifiable_addresses, found.verifiable, now)
        identity.recovery_addresses = _kept(identity.recovery_addresses, found.recovery, now)
        identity.available_aal = available_aal(identity, self.factors)
        return schema

    def _identifiers(self, identity: Identity, found: Extraction, now: Timestamp) -> None:
        for kind in FROM_SCHEMA:
            wanted = found.identifiers.get(kind, [])
            credential = identity.credentials.get(kind)
            if credential is None and wanted:
                credential = identity.credentials[kind] = Credential(kind, created_at=now, updated_at=now)
            if credential is not None and credential.identifiers != wanted:
                credential.identifiers = list(wanted)
                credential.updated_at = now
            if credential is not None and not wanted and not credential.config:
                del identity.credentials[kind]
        self._code_identifiers(identity, found, now)

    def _code_identifiers(self, identity: Identity, found: Extraction, now: Timestamp) -> None:
        credential = identity.credentials.get("code")
        if credential is None and not found.code:
            return
        addresses = [{"channel": via, "address": value} for via, value in found.code]
        if credential is None:
            credential = identity.credentials["code"] = Credential("code", version=1, created_at=now, updated_at=now)
        if credential.config.get("addresses") != addresses:
            credential.identifiers = [value for _, value in found.code]
            credential.config = {"addresses": addresses}
            credential.updated_at = now

    async def create(self, identity: Identity) -> None:
        """Settles and stores a new identity.

        Raises:
            InvalidTraits: when the traits do not fit the schema.
            Conflict: when one of its names is taken.
        """
        self.settle(identity)
        await self.store.insert(identity)

    async def update(self, identity: Identity, *, expected_updated_at: Timestamp | None = None) -> None:
        """Settles and stores a changed identity.

        Args:
            expected_updated_at: when it was last changed as far as the caller knows.

        Raises:
            InvalidTraits: when the traits do not fit the schema.
            Conflict: when one of its names is taken.
            LookupError: when it was deleted meanwhile, or changed since ``expected_updated_at``.
        """
        self.settle(identity)
        identity.updated_at = self.now()
        await self.store.update(identity, expected_updated_at=expected_updated_at)


def _kept(known: Sequence[Address], wanted: Sequence[tuple[str, str]], now: Timestamp) -> list[Address]:
    """The addresses that are wanted; those that are known keep what is known of them."""
    by_name = {(address.via, address.value): address for address in known}
    return [by_name.get((via, value)) or Address(randomness.new_id(), value, via, now, now) for via, value in wanted]
