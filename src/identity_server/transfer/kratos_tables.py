# ruff: noqa: S608 - the names in these statements are our own.
"""Identities out of the tables of Ory Kratos that a migration has set aside, as lines that an import takes.

Its tables are laid out as those of version 26.2. What providers gave at the first sign-in stays behind: it is encrypted
with keys of that server, and has expired.
"""

from collections.abc import AsyncIterator
from typing import Any

import orjson
from sqlalchemy import text

from identity_server.storage.foreign_tables import SCHEMA
from identity_server.storage.port import Database, Statement

PAGE = 250
FIRST = "00000000-0000-0000-0000-000000000000"
LEFT_BEHIND = ("initial_access_token", "initial_refresh_token", "initial_id_token")


def _time(column: str) -> str:
    return f'to_char({column}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'


_ADDRESSES = f"""(SELECT json_agg(json_build_object('value', a.value, 'via', a.via, 'status', a.status,
    'verified', a.verified, 'verified_at', {_time("a.verified_at")}) ORDER BY a.value)
    FROM {SCHEMA}.identity_verifiable_addresses a WHERE a.identity_id = i.id)"""
_RECOVERY = f"""(SELECT json_agg(json_build_object('value', r.value, 'via', r.via) ORDER BY r.value)
    FROM {SCHEMA}.identity_recovery_addresses r WHERE r.identity_id = i.id)"""
_IDENTIFIERS = f"""(SELECT json_agg(n.identifier ORDER BY n.identifier)
    FROM {SCHEMA}.identity_credential_identifiers n WHERE n.identity_credential_id = c.id)"""
_CREDENTIALS = f"""(SELECT json_object_agg(t.name, json_build_object('type', t.name, 'config', c.config,
    'version', c.version, 'identifiers', {_IDENTIFIERS},
    'created_at', {_time("c.created_at")}, 'updated_at', {_time("c.updated_at")}))
    FROM {SCHEMA}.identity_credentials c
    JOIN {SCHEMA}.identity_credential_types t ON t.id = c.identity_credential_type_id WHERE c.identity_id = i.id)"""
#: Such as this server has not stored yet; all of them unless asked for.
_MISSING = "(:all OR NOT EXISTS (SELECT 1 FROM public.identities o WHERE o.id = CAST(i.id AS text)))"
_PAGE = Statement(
    text(
        f"""SELECT CAST(i.id AS text), CAST(json_build_object('id', i.id, 'schema_id', i.schema_id,
    'traits', i.traits, 'state', i.state, 'state_changed_at', {_time("i.state_changed_at")},
    'metadata_public', i.metadata_public, 'metadata_admin', i.metadata_admin, 'external_id', i.external_id,
    'organization_id', i.organization_id, 'verifiable_addresses', {_ADDRESSES}, 'recovery_addresses', {_RECOVERY},
    'credentials', {_CREDENTIALS},
    'created_at', {_time("i.created_at")}, 'updated_at', {_time("i.updated_at")}) AS text)
    FROM {SCHEMA}.identities i WHERE i.id > CAST(:after AS uuid) AND {_MISSING} ORDER BY i.id LIMIT {PAGE}"""
    ),
    writes=False,
)
_THERE = Statement(text("SELECT 1 FROM pg_tables WHERE schemaname = :name AND tablename = 'identities'"), writes=False)


async def are_there(database: Database) -> bool:
    """Whether a migration has set such tables aside."""
    return database.dialect == "postgresql" and bool(await database.fetch(_THERE(name=SCHEMA)))


async def pages(database: Database, *, with_credentials: bool, missing_only: bool = False) -> AsyncIterator[list[str]]:
    """Lines of JSON, some at a time, in the order of the ids.

    Args:
        missing_only: leave out those whose id this server has an identity of.
    """
    after = FIRST
    while rows := await database.fetch(_PAGE(after=after, all=not missing_only)):
        yield [_line(orjson.loads(row[1]), with_credentials=with_credentials) for row in rows]
        after = str(rows[-1][0])


def _line(found: dict[str, Any], *, with_credentials: bool) -> str:
    line = {key: value for key, value in found.items() if value is not None}
    credentials = line.pop("credentials", {})
    if with_credentials:
        line["credentials"] = {kind: _credential(one) for kind, one in credentials.items()}
    return orjson.dumps(line).decode()


def _credential(found: dict[str, Any]) -> dict[str, Any]:
    for entry in (found.get("config") or {}).get("providers") or []:
        for name in LEFT_BEHIND:
            entry.pop(name, None)
    return {key: value for key, value in found.items() if value is not None}
