"""What an operator does with identities: create, replace, patch, remove a credential."""

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from typing import Any, TypeVar

from identity_server.errors import ApiError, Conflict, not_found
from identity_server.identity import importing, patching, payload, refusals, removal
from identity_server.identity.importing import Importer
from identity_server.identity.manager import IdentityManager, InvalidTraits
from identity_server.identity.model import STATES, Identity
from identity_server.identity.payload import CreateBody, UpdateBody
from identity_server.identity.ports import Changed
from identity_server.passwords.pool import HashingPool
from identity_server.schema.errors import UnknownSchema

#: How often a change is tried again when somebody else changed the identity meanwhile.
ATTEMPTS = 5
T = TypeVar("T")
Change = Callable[[Identity], Awaitable[set[str]]]


@dataclass(frozen=True)
class Written:
    """A stored change.

    Attributes:
        imported: types of the credentials that came along and are new.
        schema_before: the schema of the identity before it changed; Kratos' answer still links to that one.
    """

    identity: Identity
    imported: Set[str] = frozenset()
    schema_before: str = ""


class Administration:
    """Changes of identities by an operator.

    Args:
        manager: keeps identities true to their schemas.
        hashing: for passwords that come along.
    """

    def __init__(self, manager: IdentityManager, hashing: HashingPool) -> None:
        self._manager = manager
        self._store = manager.store
        self._importer = Importer(hashing)

    async def draft(self, body: CreateBody) -> Identity:
        """A new identity out of a body; not settled, not stored.

        Raises:
            ApiError: 400 for an unknown schema or state, or a hash that is not taken.
        """
        state = checked_state(body.state)
        try:
            identity = self._manager.draft(body.schema_id or "", body.traits)
        except UnknownSchema as error:
            raise refusals.unknown_schema(error) from None
        identity.state = state or identity.state
        identity.external_id = body.external_id or None
        identity.organization_id = body.organization_id
        identity.metadata_public, identity.metadata_admin = body.metadata_public, body.metadata_admin
        identity.verifiable_addresses = importing.addresses(body.verifiable_addresses, identity.created_at)
        await self._importer.credentials(identity, body.credentials, identity.created_at)
        return identity

    def settle(self, identity: Identity) -> None:
        """Checks the traits and derives what follows from them.

        Raises:
            ApiError: 400 with every broken rule.
        """
        explained(lambda: self._manager.settle(identity))

    async def create(self, body: CreateBody) -> Identity:
        """Stores a new identity.

        Raises:
            ApiError: 400 when the body or the traits are refused, 409 when a name is taken.
        """
        identity = await self.draft(body)
        self.settle(identity)
        try:
            await self._store.insert(identity)
        except Conflict as error:
            raise refusals.conflict(error) from None
        return identity

    async def replace(self, identity_id: str, body: UpdateBody) -> Written:
        """Replaces an identity; credentials that the body does not name stay.

        Raises:
            ApiError: 400, 404 or 409.
        """
        state = checked_state(body.state)

        async def change(identity: Identity) -> set[str]:
            identity.schema_id = body.schema_id or identity.schema_id
            identity.traits = body.traits
            self._set_state(identity, state or identity.state)
            identity.external_id = body.external_id or None
            identity.metadata_public, identity.metadata_admin = body.metadata_public, body.metadata_admin
            return await self._importer.credentials(identity, body.credentials, self._manager.now())

        return await self._changed(identity_id, change)

    async def patch(self, identity_id: str, patch: Any) -> Written:
        """Applies a JSON patch.

        Raises:
            ApiError: 400, 404 or 409.
        """
        operations = patching.read(patch)

        async def change(identity: Identity) -> set[str]:
            document = patchable(identity)
            patching.apply(document, operations)
            self._take_over(identity, document)
            return set()

        return await self._changed(identity_id, change)

    def _take_over(self, identity: Identity, document: dict[str, Any]) -> None:
        """Sets what a patched document says, checked as the body of a creation is."""
        body = payload.read(CreateBody, {name: document.get(name) for name in patching.OPEN if name in document})
        identity.schema_id = body.schema_id or identity.schema_id
        identity.traits = body.traits
        self._set_state(identity, checked_state(body.state, required=True))
        identity.external_id = body.external_id or None
        identity.organization_id = body.organization_id
        identity.metadata_public, identity.metadata_admin = body.metadata_public, body.metadata_admin
        identity.verifiable_addresses = importing.merged(
            identity.verifiable_addresses, body.verifiable_addresses, self._manager.now()
        )

    async def remove_credential(self, identity_id: str, kind: str, identifier: str) -> Written:
        """Removes a credential.

        Raises:
            ApiError: 400 or 404.
        """

        async def change(identity: Identity) -> set[str]:
            removal.remove(identity, kind, identifier, self._manager.factors)
            return set()

        return await self._changed(identity_id, change)

    def _set_state(self, identity: Identity, state: str) -> None:
        if state != identity.state:
            identity.state = state
            identity.state_changed_at = self._manager.now()

    async def _changed(self, identity_id: str, change: Change) -> Written:
        """Reads, changes and stores an identity, again when somebody else was faster."""
        for _ in range(ATTEMPTS):
            identity = await self._store.by_id(identity_id)
            if identity is None:
                raise not_found()
            seen, schema_before = identity.updated_at, identity.schema_id
            imported = await change(identity)
            self.settle(identity)
            identity.updated_at = self._manager.now()
            try:
                await self._store.update(identity, expected_updated_at=seen)
            except Changed:
                continue
            except LookupError:
                raise not_found() from None
            except Conflict as error:
                raise refusals.conflict(error) from None
            return Written(identity, imported, schema_before)
        raise ApiError(409, "The identity is being changed by others at the same time; try again.")


def checked_state(state: str | None, *, required: bool = False) -> str:
    """A state that exists, or nothing.

    Raises:
        ApiError: 400 for another one.
    """
    if (state or required) and state not in STATES:
        raise refusals.unknown_state()
    return state or ""


def explained(work: Callable[[], T]) -> T:
    """What ``work`` returns; what the schema refuses becomes an answer."""
    try:
        return work()
    except InvalidTraits as error:
        raise refusals.invalid_traits(error) from None
    except UnknownSchema as error:
        raise refusals.unknown_schema(error) from None


def patchable(identity: Identity) -> dict[str, Any]:
    """An identity as a patch sees it."""
    return {
        "schema_id": identity.schema_id,
        "traits": identity.traits,
        "state": identity.state,
        "external_id": identity.external_id,
        "organization_id": identity.organization_id,
        "metadata_public": identity.metadata_public,
        "metadata_admin": identity.metadata_admin,
        "verifiable_addresses": [address.verifiable_json() for address in identity.verifiable_addresses],
        "recovery_addresses": [address.recovery_json() for address in identity.recovery_addresses],
    }
