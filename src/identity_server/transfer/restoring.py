"""A row becomes an identity as it was: with its ids, its times, its addresses and its credentials."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from identity_server.ciphers.cipher import Cipher
from identity_server.errors import ApiError, bad_request
from identity_server.identity import importing, payload, refusals
from identity_server.identity.administration import checked_state, explained
from identity_server.identity.document import dump
from identity_server.identity.importing import Importer
from identity_server.identity.manager import FROM_SCHEMA, IdentityManager
from identity_server.identity.model import Address, Credential, Identity
from identity_server.identity.payload import RecoveryAddressBody, VerifiableAddressBody
from identity_server.passwords.pool import HashingPool
from identity_server.schema.errors import UnknownSchema
from identity_server.transfer import credentials, texts
from identity_server.transfer.records import MOST_DEPTH, Record, StoredCredential, refuse_deeper

#: Passwords in clear text that are hashed at the same time.
AT_ONCE = 8
#: Credentials that traits imply, with or without contents.
_IMPLIED = (*FROM_SCHEMA, "code")
#: Rows between two turns of the event loop, which sends the batch before meanwhile.
TURN = 25


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be imported, and why."""

    reason: str


class Restorer:
    """Makes identities from rows.

    Args:
        manager: keeps identities true to their schemas.
        hashing: for passwords in clear text, and the bounds of hashes.
        cipher: seals secrets.
        schema_id: of rows that name none; the configuration's by default.
        rehearsal: check only; passwords in clear text are not hashed.
    """

    def __init__(
        self,
        manager: IdentityManager,
        hashing: HashingPool,
        cipher: Cipher,
        *,
        schema_id: str = "",
        rehearsal: bool = False,
    ) -> None:
        self._manager = manager
        self._hashing = hashing
        self._importer = Importer(hashing)
        self._cipher = cipher
        self._schema_id = schema_id
        self._rehearsal = rehearsal

    async def identities(self, values: Sequence[dict[str, Any]], *, as_text: bool) -> list[Identity | Refused]:
        """One identity or refusal a row, in order.

        Args:
            as_text: the traits are texts, to be read as the schema has them.
        """
        found: list[Identity | Refused] = []
        step = AT_ONCE if any(_is_clear(value) for value in values) else TURN
        for at in range(0, len(values), step):
            part = values[at : at + step]
            if step == AT_ONCE:
                found += await asyncio.gather(*(self._one(value, as_text=as_text) for value in part))
            else:
                found += [await self._one(value, as_text=as_text) for value in part]
                await asyncio.sleep(0)
        return found

    async def _one(self, value: dict[str, Any], *, as_text: bool) -> Identity | Refused:
        try:
            _refuse_unwritable(value)
            return await self.identity(payload.read(Record, value), as_text=as_text)
        except ApiError as error:
            return Refused(error.reason or error.message)

    async def identity(self, record: Record, *, as_text: bool = False) -> Identity:
        """The identity that a row describes, settled and ready to be stored.

        Raises:
            ApiError: 400 with what is wrong.
        """
        identity = self._draft(record)
        if as_text:
            identity.traits = texts.typed(self._manager.schemas.get(identity.schema_id), record.traits)
        for kind, stored in (record.credentials or {}).items():
            if stored is not None and (credential := await self._credential(kind, stored, identity)):
                identity.credentials[kind] = credential
        explained(lambda: self._manager.settle(identity))
        if record.verified:
            _verify(identity)
        identity.updated_at = record.updated_at or identity.created_at
        return identity

    def _draft(self, record: Record) -> Identity:
        state = checked_state(record.state)
        try:
            identity = self._manager.draft(record.schema_id or self._schema_id, record.traits)
        except UnknownSchema as error:
            raise refusals.unknown_schema(error) from None
        identity.id = record.id or identity.id
        identity.created_at = record.created_at or identity.created_at
        identity.state = state or identity.state
        identity.state_changed_at = record.state_changed_at or identity.created_at
        identity.external_id = record.external_id or None
        identity.organization_id = record.organization_id
        identity.metadata_public, identity.metadata_admin = record.metadata_public, record.metadata_admin
        now = identity.created_at
        identity.verifiable_addresses = _addresses(record.verifiable_addresses, now)
        identity.recovery_addresses = _addresses(
            [_as_verifiable(body) for body in record.recovery_addresses or ()], now
        )
        return identity

    async def _credential(self, kind: str, stored: StoredCredential, identity: Identity) -> Credential | None:
        if stored.config is None or (not stored.config and kind not in _IMPLIED):
            # Shown without its contents: what the traits imply comes back, nothing else can.
            return None
        try:
            config = credentials.checked(kind, stored.config) if stored.config else {}
        except ApiError as error:
            raise bad_request(f"credentials.{kind}.config: {error.reason}") from None
        if kind == "password":
            config = await self._password(config)
        created = stored.created_at or identity.created_at
        return Credential(
            kind,
            credentials.identifiers(kind, config, stored.identifiers),
            credentials.sealed(kind, config, self._cipher),
            stored.version or 0,
            created,
            stored.updated_at or created,
        )

    async def _password(self, config: dict[str, Any]) -> dict[str, Any]:
        clear = config.pop("password", None)
        if clear and self._rehearsal:
            self._refuse_long(clear)
        elif clear:
            config["hashed_password"] = await self._importer.hashed(clear)
        elif config.get("hashed_password"):
            self._importer.checked(config["hashed_password"])
        if not config.get("use_password_migration_hook"):
            config.pop("use_password_migration_hook", None)
        return config

    def _refuse_long(self, password: str) -> None:
        longest = self._hashing.hasher.longest
        if len(password.encode("utf-8", "surrogatepass")) > longest:
            raise bad_request(f"The password is too long: it has more than {longest} bytes.")


def _is_clear(value: dict[str, Any]) -> bool:
    try:
        return bool(value["credentials"]["password"]["config"]["password"])
    except (KeyError, TypeError):
        return False


def _as_verifiable(body: RecoveryAddressBody) -> VerifiableAddressBody:
    return VerifiableAddressBody.model_construct(**body.model_dump())


def _addresses(bodies: Sequence[VerifiableAddressBody] | None, now: str) -> list[Address]:
    found: list[Address] = []
    for body in bodies or ():
        for address in importing.addresses([body], now):
            address.created_at = body.created_at or now
            address.updated_at = body.updated_at or address.created_at
            found.append(address)
    return found


def _verify(identity: Identity) -> None:
    for address in identity.verifiable_addresses:
        if not address.verified:
            address.verified, address.status = True, "completed"
            address.verified_at = identity.created_at


def _refuse_unwritable(value: dict[str, Any]) -> None:
    """Raises ApiError for what cannot be stored as JSON and sent again."""
    try:
        text = dump(value)
    except (TypeError, UnicodeEncodeError) as error:
        raise bad_request(f"It cannot be written as JSON: {error}.") from None
    if text.count("[") + text.count("{") > MOST_DEPTH:
        refuse_deeper(value)
