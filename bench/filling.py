"""Fills a database with identities, as fast as PostgreSQL takes them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from identity_server.ciphers.signing import Keys, seal
from identity_server.configuration import load

NOW = "2026-01-01T00:00:00.000000Z"
#: How many identities requests are spread over.
SAMPLE = 200


@dataclass(frozen=True)
class Filled:
    """What is in the database.

    Attributes:
        ids, emails: of a sample, spread evenly.
        ordered: all ids in their order.
    """

    ids: list[str]
    emails: list[str]
    ordered: list[str]

    def token(self, config: Path, share: float) -> str:
        """The token of the list page that begins behind a share of all identities."""
        keys = Keys(load([str(config)], {}, {}).secrets("pagination"))
        return seal("page/identities", self.ordered[int(len(self.ordered) * share)].encode(), keys)


def _identity(number: int) -> tuple[str, str]:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))), f"user-{number}@example.com"


def _address(identity_id: str, email: str, kind: str) -> str:
    address = uuid.uuid5(uuid.UUID(identity_id), kind)
    verification = '"verified":false,"status":"pending",' if kind == "verifiable" else ""
    return (
        f'[{{"id":"{address}","value":"{email}",{verification}"via":"email",'
        f'"created_at":"{NOW}","updated_at":"{NOW}"}}]'
    )


def _rows(table: str, size: int) -> Iterator[tuple[object, ...]]:
    for number in range(size):
        identity_id, email = _identity(number)
        if table == "identities":
            yield (
                *(identity_id, "default", "active", NOW, f'{{"email":"{email}"}}'),
                *(_address(identity_id, email, "verifiable"), _address(identity_id, email, "recovery")),
                *("aal0", NOW, NOW),
            )
        elif table == "identity_credentials":
            yield identity_id, "password", f'["{email}"]', "{}", 0, NOW, NOW
        elif table == "identity_identifiers":
            yield "password", email, identity_id
        else:
            for kind in ("verifiable", "recovery"):
                yield kind, "email", email, str(uuid.uuid5(uuid.UUID(identity_id), kind)), identity_id


_COLUMNS = {
    "identities": "id, schema_id, state, state_changed_at, traits, verifiable_addresses, recovery_addresses, "
    "available_aal, created_at, updated_at",
    "identity_credentials": "identity_id, type, identifiers, config, version, created_at, updated_at",
    "identity_identifiers": "type, identifier, identity_id",
    "identity_addresses": "kind, via, value, address_id, identity_id",
}


def fill(dsn: str, size: int) -> Filled:
    """Copies identities into an empty, migrated database."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in _rows(table, size):
                    copy.write_row(row)
    sample = [_identity(number) for number in range(0, size, max(1, size // SAMPLE))]
    ordered = sorted(_identity(number)[0] for number in range(size))
    return Filled([each for each, _ in sample], [email for _, email in sample], ordered)
