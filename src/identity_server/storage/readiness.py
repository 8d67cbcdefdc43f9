"""Whether a database is as new as this program wants it, asked without the migration library."""

from sqlalchemy import select

from identity_server.errors import StorageError, StorageUnavailable
from identity_server.storage import migrate
from identity_server.storage.port import Database, Statement

_VERSION = Statement(select(migrate.VERSIONS.c.version_num))


async def current(database: Database) -> str:
    """The version of the tables; nothing when there are none.

    Raises:
        StorageUnavailable: when the database does not answer.
    """
    try:
        rows = await database.fetch(_VERSION())
    except StorageUnavailable:
        raise
    except StorageError:
        return ""
    return str(rows[0][0]) if rows else ""


async def ahead(database: Database) -> str:
    """The version of tables that a newer program made; nothing when this program knows them."""
    found = await current(database)
    return found if found > migrate.newest() else ""


async def behind(database: Database) -> str:
    """What is missing and how to mend it; nothing when the tables are new enough."""
    found, wanted = await current(database), migrate.newest()
    if found >= wanted:
        return ""
    state = f"at version {found}" if found else "empty"
    return f"the database is {state}, this server needs {wanted}; run: kratos migrate sql -e --yes"
