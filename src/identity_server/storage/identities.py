"""Identities in the database: one row each, beside their credentials and the names that find them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, join, select, update

from identity_server.audit.events import IDENTITY_DELETED, IDENTITY_UPDATED
from identity_server.audit.facts import Fact
from identity_server.errors import Conflict
from identity_server.identity import document
from identity_server.identity.document import CredentialRow
from identity_server.identity.levels import Factors, available_aal
from identity_server.identity.model import Identity
from identity_server.identity.ports import Changed
from identity_server.storage import tables, telling
from identity_server.storage.addresses import marking_sent, marking_verified
from identity_server.storage.bulk import chunks
from identity_server.storage.inserting import together
from identity_server.storage.port import Call, Database, Operation, Row, Rows, Statement, among
from identity_server.storage.sent_ways_in import ending
from identity_server.times import Timestamp

Canonical = Callable[[str, str], str]

_I = tables.identities
_C = tables.identity_credentials
_N = tables.identity_identifiers
_A = tables.identity_addresses

IDENTITY = tuple(_I.c[name] for name in document.COLUMNS)
CREDENTIAL = tuple(_C.c[name] for name in CredentialRow._fields)
_WITH_CREDENTIALS = join(_I, _C, _C.c.identity_id == _I.c.id, isouter=True)

_BY_ID = Statement(select(*IDENTITY, *CREDENTIAL).select_from(_WITH_CREDENTIALS).where(_I.c.id == bindparam("id")))
_BY_EXTERNAL_ID = Statement(
    select(*IDENTITY, *CREDENTIAL).select_from(_WITH_CREDENTIALS).where(_I.c.external_id == bindparam("external_id"))
)
_BY_ADDRESS = Statement(
    select(*IDENTITY, *CREDENTIAL)
    .select_from(join(_A, _WITH_CREDENTIALS, _I.c.id == _A.c.identity_id))
    .where(_A.c.kind == bindparam("kind"), _A.c.via == bindparam("via"), _A.c.value == bindparam("value"))
)
_LOCK = Statement(select(_I.c.updated_at).where(_I.c.id == bindparam("id")).with_for_update(), writes=True)
_NAMES = Statement(select(_N.c.type, _N.c.identifier).where(_N.c.identity_id == bindparam("id")))
_ADDRESSES = Statement(
    select(_A.c.kind, _A.c.via, _A.c.value, _A.c.address_id).where(_A.c.identity_id == bindparam("id"))
)
_STORED_CREDENTIALS = Statement(select(*CREDENTIAL).where(_C.c.identity_id == bindparam("id")))

_INSERT_NAME = Statement(insert(_N))
_INSERTS = {
    _I: Statement(insert(_I), tells=telling.created),
    _C: Statement(insert(_C)),
    _N: _INSERT_NAME,
    _A: Statement(insert(_A)),
}
_UPDATE = Statement(
    update(_I)
    .where(_I.c.id == bindparam("id_"))
    .values({name: bindparam(name) for name in document.COLUMNS if name not in ("id", "created_at")}),
    tells=telling.updated,
)
_ADD_CREDENTIAL = Statement(insert(_C), tells=telling.part("credentials", "identity_id", "type"))
_UPDATE_CREDENTIAL = Statement(
    update(_C)
    .where(_C.c.identity_id == bindparam("owner"), _C.c.type == bindparam("kind"))
    .values({name: bindparam(name) for name in ("identifiers", "config", "version", "updated_at")}),
    tells=telling.part("credentials", "owner", "kind"),
)
_DELETE = Statement(
    delete(_I).where(_I.c.id == bindparam("id")).returning(_I.c.id), tells=telling.gone(IDENTITY_DELETED)
)
_DELETE_CREDENTIAL = Statement(
    delete(_C).where(_C.c.identity_id == bindparam("id"), _C.c.type == bindparam("type")),
    tells=telling.part("credentials", "id", "type"),
)
_ADD_ADDRESS = Statement(insert(_A), tells=telling.part("addresses", "identity_id"))
_DELETE_NAME = Statement(delete(_N).where(_N.c.type == bindparam("type"), _N.c.identifier == bindparam("identifier")))
_DELETE_ADDRESS = Statement(
    delete(_A)
    .where(_A.c.kind == bindparam("kind"), _A.c.via == bindparam("via"), _A.c.value == bindparam("value"))
    .returning(_A.c.identity_id),
    tells=lambda _, rows: [Fact(IDENTITY_UPDATED, row[0], changed=("addresses",)) for row in rows],
)

Name = tuple[str, str]
AddressName = tuple[str, str, str]


class Identities:
    """The store of identities.

    Args:
        database: where they live.
        canonical: the form in which an identifier of a credential type is unique.
        canonical_address: the same for an address of a channel.
        level: what an identity's credentials can reach; asked when two changes of them meet.
    """

    def __init__(
        self,
        database: Database,
        canonical: Canonical,
        canonical_address: Canonical,
        level: Callable[[Identity], str] = lambda identity: available_aal(identity, Factors()),
    ) -> None:
        self._level = level
        self._database = database
        self._canonical = canonical
        self._canonical_address = canonical_address

    def names(self, identity: Identity) -> set[Name]:
        """What an identity occupies among identifiers."""
        return {
            (credential.type, self._canonical(credential.type, identifier))
            for credential in identity.credentials.values()
            for identifier in credential.identifiers
        }

    def addresses(self, identity: Identity) -> dict[AddressName, str]:
        """What an identity occupies among addresses, with the id of each."""
        kinds = (("verifiable", identity.verifiable_addresses), ("recovery", identity.recovery_addresses))
        return {
            (kind, address.via, self._canonical_address(address.via, address.value)): address.id
            for kind, addresses in kinds
            for address in addresses
        }

    async def insert(self, identity: Identity) -> None:
        """Stores a new identity whole."""
        await self._insert([identity])

    async def insert_many(self, identities: Sequence[Identity]) -> list[Exception | None]:
        """Stores many together; where some collide, halves of them, until each that collides is found."""
        if not identities:
            return []
        try:
            await self._insert(identities)
        except Conflict as conflict:
            if len(identities) == 1:
                return [conflict]
            middle = len(identities) // 2
            return [*await self.insert_many(identities[:middle]), *await self.insert_many(identities[middle:])]
        return [None] * len(identities)

    async def _insert(self, identities: Sequence[Identity]) -> None:
        if self._database.dialect == "postgresql":
            await self._database.fetch(together(self.rows(identities)))
        else:
            await self._database.run(self.inserting(identities))

    def inserting(self, identities: Sequence[Identity]) -> Operation:
        """The operation that stores new identities."""
        rows = self.rows(identities)
        if self._database.dialect == "postgresql":
            yield together(rows)
            return
        for table, statement in _INSERTS.items():
            yield from chunks(statement, rows[table])

    def rows(self, identities: Sequence[Identity]) -> dict[Table, list[dict[str, Any]]]:
        """What new identities bring into each table; names in one order, so that no two writers wait in a ring."""
        names = sorted((*name, identity.id) for identity in identities for name in self.names(identity))
        addresses = sorted(
            (*address, address_id, identity.id)
            for identity in identities
            for address, address_id in self.addresses(identity).items()
        )
        ordered = sorted(identities, key=lambda identity: identity.external_id or "")
        return {
            _I: [dict(zip(document.COLUMNS, document.identity_row(identity), strict=True)) for identity in ordered],
            _C: [
                {"identity_id": identity.id, **document.credential_row(credential)._asdict()}
                for identity in identities
                for credential in identity.credentials.values()
            ],
            _N: [{"type": kind, "identifier": identifier, "identity_id": owner} for kind, identifier, owner in names],
            _A: [
                {"kind": kind, "via": via, "value": value, "address_id": address_id, "identity_id": owner}
                for kind, via, value, address_id, owner in addresses
            ],
        }

    async def update(self, identity: Identity, *, expected_updated_at: str | None = None) -> None:
        """Replaces an identity with its credentials and addresses."""
        identity.loaded = await self._database.run(self.updating(identity, expected_updated_at))

    def updating(self, identity: Identity, expected_updated_at: str | None = None) -> Operation:
        """The operation that replaces an identity; it writes what differs from what is stored.

        Credentials that were not touched since they were read stay as others have left them meanwhile: a factor that
        was enrolled in another window, a code that was used up. The result is what is stored of them then.
        """
        found = yield _LOCK(id=identity.id)
        if not found:
            raise LookupError(identity.id)
        if expected_updated_at is not None and found[0][0] != expected_updated_at:
            raise Changed(identity.id)
        rows = yield _STORED_CREDENTIALS(id=identity.id)
        stored = {row[0]: CredentialRow(*row) for row in rows}
        merged = self._merged(identity, stored)
        stored_password = stored["password"].config if "password" in stored else "{}"
        values = dict(zip(document.COLUMNS, document.identity_row(merged), strict=True))
        del values["id"], values["created_at"]
        yield _UPDATE(id_=identity.id, **values)
        yield from self._replace_credentials(merged, stored)
        lost_names = yield from self._replace_names(merged)
        lost_addresses = yield from self._replace_addresses(merged)
        if lost_names or lost_addresses or _password(merged) != stored_password:
            yield from ending(identity.id, identity.updated_at)
        return {kind: document.credential_row(credential) for kind, credential in merged.credentials.items()}

    def _merged(self, identity: Identity, stored: Mapping[str, CredentialRow]) -> Identity:
        """The identity with what others did to credentials that it did not touch itself."""
        loaded = identity.loaded
        if loaded is None:
            return identity
        own = {kind: document.credential_row(credential) for kind, credential in identity.credentials.items()}
        touched = {kind for kind in own.keys() | loaded.keys() if own.get(kind) != loaded.get(kind)}
        kept = {kind: row for kind, row in stored.items() if kind not in touched and own.get(kind) != _current(row)}
        gone = {kind for kind in own if kind not in touched and kind not in stored}
        if not kept and not gone:
            return identity
        credentials = {kind: held for kind, held in identity.credentials.items() if kind not in gone}
        credentials.update({kind: document.credential_from(_current(row)) for kind, row in kept.items()})
        merged = replace(identity, credentials=credentials)
        merged.available_aal = self._level(merged)
        return merged

    def _replace_credentials(self, identity: Identity, stored: Mapping[str, CredentialRow]) -> Operation:
        for kind in stored.keys() - identity.credentials.keys():
            yield _DELETE_CREDENTIAL(id=identity.id, type=kind)
        for credential in identity.credentials.values():
            row = document.credential_row(credential)
            if row.type not in stored:
                yield _ADD_CREDENTIAL(identity_id=identity.id, **row._asdict())
            elif row != stored[row.type]:
                values = row._asdict()
                del values["type"], values["created_at"]
                yield _UPDATE_CREDENTIAL(owner=identity.id, kind=row.type, **values)

    def _replace_names(self, identity: Identity) -> Operation:
        """Returns whether a name that codes are sent for went away."""
        rows = yield _NAMES(id=identity.id)
        stored = {(row[0], row[1]) for row in rows}
        wanted = self.names(identity)
        for kind, identifier in sorted(stored - wanted):
            yield _DELETE_NAME(type=kind, identifier=identifier)
        for kind, identifier in sorted(wanted - stored):
            yield _INSERT_NAME(type=kind, identifier=identifier, identity_id=identity.id)
        return any(kind == "code" for kind, _ in stored - wanted)

    def _replace_addresses(self, identity: Identity) -> Operation:
        """Returns whether an address went away."""
        rows = yield _ADDRESSES(id=identity.id)
        stored = {(row[0], row[1], row[2]): row[3] for row in rows}
        wanted = self.addresses(identity)
        for (kind, via, value), _ in sorted(stored.items() - wanted.items()):
            yield _DELETE_ADDRESS(kind=kind, via=via, value=value)
        for (kind, via, value), address_id in sorted(wanted.items() - stored.items()):
            yield _ADD_ADDRESS(kind=kind, via=via, value=value, address_id=address_id, identity_id=identity.id)
        return bool(stored.keys() - wanted.keys())

    async def delete(self, identity_id: str) -> bool:
        """Removes an identity and all that belongs to it."""
        return bool(await self._database.fetch(_DELETE(id=identity_id)))

    async def verify_address(self, identity_id: str, address_id: str, value: str, now: Timestamp) -> bool:
        """Notes that an address was proved; False when the identity has it no more, or another value under its id."""
        return bool(await self._database.run(marking_verified(identity_id, address_id, value, now)))

    async def note_sent(self, identity_id: str, address_id: str, now: Timestamp) -> None:
        """Notes that something was sent to an address that is still to be proved."""
        await self._database.run(marking_sent(identity_id, address_id, now))

    async def by_id(self, identity_id: str) -> Identity | None:
        """The identity with its credentials."""
        return one(await self._database.fetch(_BY_ID(id=identity_id)))

    async def by_external_id(self, external_id: str) -> Identity | None:
        """The identity that an outside system calls so."""
        return one(await self._database.fetch(_BY_EXTERNAL_ID(external_id=external_id)))

    async def by_identifier(self, identifier: str, types: Iterable[str]) -> Identity | None:
        """The identity that signs in with a name; ``identifier`` is canonical already."""
        kinds = tuple(types)
        found = group(await self._database.fetch(by_names(kinds)(identifier=identifier)))
        return document.identity_from(*found[0]) if found else None

    async def by_address(self, kind: str, via: str, value: str) -> Identity | None:
        """The identity that owns an address."""
        canonical = self._canonical_address(via, value)
        return one(await self._database.fetch(_BY_ADDRESS(kind=kind, via=via, value=canonical)))


def _password(identity: Identity) -> str:
    credential = identity.credential("password")
    return document.credential_row(credential).config if credential else "{}"


_BY_NAMES: dict[tuple[str, ...], Statement] = {}


def by_names(types: tuple[str, ...]) -> Statement:
    """The statement that finds identities with credentials by one identifier of some types."""
    statement = _BY_NAMES.get(types)
    if statement is None:
        owners = select(_N.c.identity_id).where(_N.c.identifier == bindparam("identifier"), among(_N.c.type, types))
        statement = _BY_NAMES[types] = Statement(
            select(*IDENTITY, *CREDENTIAL)
            .select_from(_WITH_CREDENTIALS)
            .where(_I.c.id.in_(owners.distinct()))
            .order_by(_I.c.id)
        )
    return statement


def group(rows: Rows) -> list[tuple[Row, list[CredentialRow]]]:
    """Rows of identities joined to credentials, one entry an identity, in their order."""
    found: dict[str, tuple[Row, list[CredentialRow]]] = {}
    for row in rows:
        entry = found.setdefault(row[0], (row, []))
        if row[document.WIDTH] is not None:
            entry[1].append(_current(CredentialRow(*row[document.WIDTH : document.WIDTH + len(CREDENTIAL)])))
    return list(found.values())


def _current(row: CredentialRow) -> CredentialRow:
    """A credential in the newest form of its type: security keys have a second one, and no other type has."""
    return row._replace(version=1) if row.type == "webauthn" and row.version == 0 else row


def one(rows: Rows) -> Identity | None:
    """The only identity of joined rows."""
    found = group(rows)
    return document.identity_from(*found[0]) if found else None


def read_by_id(identity_id: str) -> Call:
    """The call that reads an identity with its credentials as stored."""
    return _BY_ID(id=identity_id)


def read_by_external_id(external_id: str) -> Call:
    """The same by the id that an outside system gave."""
    return _BY_EXTERNAL_ID(external_id=external_id)


def read_by_identifier(identifier: str, types: tuple[str, ...]) -> Call:
    """The same by an identifier in its canonical form."""
    return by_names(types)(identifier=identifier)


def values_of(row: Sequence[Any]) -> Sequence[Any]:
    """The identity's part of a joined row."""
    return row[: document.WIDTH]
