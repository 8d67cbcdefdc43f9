"""An identity as JSON text, put together from columns that are JSON already.

Reading an identity never parses what it is going to send: traits, metadata and addresses leave the database in
their final form.
"""

import base64
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from identity_server.identity.model import Address, Credential, Identity
from identity_server.times import NEVER

#: Columns of an identity in the order in which every statement reads them.
COLUMNS: tuple[str, ...] = (
    "id",
    "schema_id",
    "external_id",
    "organization_id",
    "state",
    "state_changed_at",
    "traits",
    "metadata_public",
    "metadata_admin",
    "verifiable_addresses",
    "recovery_addresses",
    "available_aal",
    "created_at",
    "updated_at",
)
WIDTH = len(COLUMNS)


class CredentialRow(NamedTuple):
    """A credential as stored: ``identifiers`` and ``config`` are JSON text."""

    type: str
    identifiers: str
    version: int
    created_at: str
    updated_at: str
    config: str


def dump(value: Any) -> str:
    """JSON text."""
    return orjson.dumps(value).decode()


@lru_cache(maxsize=1024)
def schema_url(public_base_url: str, schema_id: str) -> str:
    """Where the public API shows a schema; nothing without a base URL."""
    if not public_base_url:
        return ""
    encoded = base64.urlsafe_b64encode(schema_id.encode()).rstrip(b"=").decode()
    return f"{public_base_url}schemas/{encoded}"


@lru_cache(maxsize=1024)
def _schema_members(public_base_url: str, schema_id: str, shown: str) -> str:
    return f'"schema_id":{dump(schema_id)},"schema_url":{dump(schema_url(public_base_url, shown or schema_id))}'


def _changed_at(moment: str) -> str:
    return f'"state_changed_at":"{moment}",' if moment else ""


def identity_text(
    row: Sequence[Any],
    public_base_url: str,
    *,
    admin: bool = False,
    credentials: str = "",
    unset_admin: bool = True,
    shown_schema: str = "",
) -> str:
    """An identity's JSON.

    Args:
        row: values in the order of ``COLUMNS``; more may follow.
        public_base_url: ends with a slash.
        admin: show ``metadata_admin``.
        credentials: JSON text of the member ``credentials``; empty leaves it out.
        unset_admin: show ``metadata_admin`` even when it is not set.
        shown_schema: the schema whose address is shown; the identity's own by default.
    """
    parts = [
        f'{{"id":"{row[0]}",{_schema_members(public_base_url, row[1], shown_schema)},"state":"{row[4]}",'
        f'{_changed_at(row[5])}"traits":{row[6]},"metadata_public":{row[7] or "null"},'
        f'"created_at":"{row[12]}","updated_at":"{row[13]}","organization_id":'
    ]
    parts.append(f'"{row[3]}"' if row[3] else "null")
    if row[2] is not None:
        parts.append(f',"external_id":{dump(row[2])}')
    if admin and (unset_admin or row[8] is not None):
        parts.append(f',"metadata_admin":{row[8] or "null"}')
    if row[9] != "[]":
        parts.append(f',"verifiable_addresses":{row[9]}')
    if row[10] != "[]":
        parts.append(f',"recovery_addresses":{row[10]}')
    if credentials:
        parts.append(f',"credentials":{credentials}')
    parts.append("}")
    return "".join(parts)


def credentials_text(
    rows: Iterable[CredentialRow], *, config_of: Iterable[str] = (), fresh: Container[str] = ()
) -> str:
    """The JSON object of an identity's credentials.

    Args:
        rows: the credentials.
        config_of: types whose configuration is shown.
        fresh: types with year 1 for their times, as the answer to an import shows them.
    """
    shown = set(config_of)
    members: list[str] = []
    for row in sorted(rows, key=lambda row: row.type):
        is_fresh = row.type in fresh
        created, updated = (NEVER, NEVER) if is_fresh else (row.created_at, row.updated_at)
        config = f',"config":{row.config}' if row.type in shown and row.config else ""
        identifiers = "null" if is_fresh and row.identifiers == "[]" else row.identifiers
        members.append(
            f'"{row.type}":{{"type":"{row.type}","identifiers":{identifiers}{config},'
            f'"version":{row.version},"created_at":"{created}","updated_at":"{updated}"}}'
        )
    return "{" + ",".join(members) + "}"


def identity_row(identity: Identity) -> tuple[Any, ...]:
    """The columns of an identity, in the order of ``COLUMNS``."""
    return (
        identity.id,
        identity.schema_id,
        identity.external_id,
        identity.organization_id,
        identity.state,
        identity.state_changed_at,
        dump(identity.traits),
        None if identity.metadata_public is None else dump(identity.metadata_public),
        None if identity.metadata_admin is None else dump(identity.metadata_admin),
        dump([address.verifiable_json() for address in identity.verifiable_addresses]),
        dump([address.recovery_json() for address in identity.recovery_addresses]),
        identity.available_aal,
        identity.created_at,
        identity.updated_at,
    )


def credential_row(credential: Credential) -> CredentialRow:
    """A credential as stored."""
    return CredentialRow(
        credential.type,
        dump(credential.identifiers),
        credential.version,
        credential.created_at,
        credential.updated_at,
        dump(credential.config),
    )


def credential_from(row: CredentialRow) -> Credential:
    """The credential behind its columns."""
    return Credential(
        row.type, orjson.loads(row.identifiers), orjson.loads(row.config), row.version, row.created_at, row.updated_at
    )


def identity_from(row: Sequence[Any], credentials: Iterable[CredentialRow] = ()) -> Identity:
    """The identity behind its columns; it remembers them, so that a change of one part is no change of another."""
    loaded = {each.type: each for each in credentials}
    return Identity(
        id=row[0],
        schema_id=row[1],
        external_id=row[2],
        organization_id=row[3],
        state=row[4],
        state_changed_at=row[5],
        traits=orjson.loads(row[6]),
        metadata_public=None if row[7] is None else orjson.loads(row[7]),
        metadata_admin=None if row[8] is None else orjson.loads(row[8]),
        verifiable_addresses=[Address.from_json(item) for item in orjson.loads(row[9])],
        recovery_addresses=[Address.from_json(item) for item in orjson.loads(row[10])],
        available_aal=row[11],
        created_at=row[12],
        updated_at=row[13],
        credentials={kind: credential_from(each) for kind, each in loaded.items()},
        loaded=loaded,
    )


def public_json(identity: Identity, public_base_url: str) -> Any:
    """An identity as self-service answers show it: no credentials, no ``metadata_admin``."""
    return orjson.loads(identity_text(identity_row(identity), public_base_url))
