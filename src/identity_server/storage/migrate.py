"""Brings a database up to date, one process at a time, all migrations in one transaction.

A run that is killed leaves the database as it was; a second run that starts meanwhile waits and finds nothing to do.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Column, MetaData, Table, Text, insert, text

from identity_server.errors import StorageError, StorageUnavailable
from identity_server.storage import dsn as dsns
from identity_server.storage import foreign_tables
from identity_server.storage.port import Database, Operation, Statement

T = TypeVar("T")
FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "schema_version"
VERSIONS = Table(VERSION_TABLE, MetaData(), Column("version_num", Text, nullable=False))
#: Any number will do, as long as nobody else takes the same advisory lock.
LOCK = 0x6B7261746F73


@dataclass(frozen=True)
class Contents:
    """What a database holds.

    Attributes:
        tables: none that matter, ours, or those of Ory Kratos.
        pending: how many migrations are not applied.
        set_aside: whether tables of Ory Kratos were moved out of the way, and what became of their identities.
    """

    tables: Literal["none", "ours", "kratos"]
    pending: int
    set_aside: foreign_tables.SetAside


def up(dsn: str, *, set_aside: bool = False) -> list[str]:
    """Applies what is missing and returns the versions that it applied: none to a database of a newer program.

    Args:
        set_aside: move the tables of Ory Kratos out of the way, where there are some.

    Raises:
        BadDSN: when the data source name is not one we know.
        StorageError: when the database refuses; it is unchanged then.
    """

    def work(connection: Any) -> list[str]:
        from alembic import command

        before = _current(connection)
        if _is_newer(before):
            return []
        if before is None:
            foreign_tables.make_room(connection, allowed=set_aside)
        command.upgrade(_config(connection), "head")
        return _between(before, _current(connection))

    return _locked(dsn, work)


def down(dsn: str, steps: int) -> list[str]:
    """Takes back the last ``steps`` migrations and returns their versions.

    Raises:
        StorageError: when a newer program made the tables, which alone knows how.
    """

    def work(connection: Any) -> list[str]:
        from alembic import command

        before = _current(connection)
        if _is_newer(before):
            raise StorageError(f"the database is at version {before}, this program knows them up to {newest()}")
        possible = len(_between(None, before))
        if min(steps, possible) > 0:
            command.downgrade(_config(connection), f"-{min(steps, possible)}")
        return _between(_current(connection), before)

    return _locked(dsn, work)


def status(dsn: str) -> list[tuple[str, str, str]]:
    """Every migration with its name and ``applied`` or ``pending``."""
    applied = set(_locked(dsn, lambda connection: _between(None, _current(connection))))
    return [(version, name, "applied" if version in applied else "pending") for version, name in _known()]


def contents(dsn: str) -> Contents:
    """What a database holds, before anything in it is changed."""

    def look(connection: Any) -> Contents:
        version = _current(connection)
        whose = "ours" if version else "kratos" if foreign_tables.are_here(connection) else "none"
        return Contents(whose, len(_between(version, newest())), foreign_tables.set_aside(connection))

    return _locked(dsn, look)


def note_taken_over(dsn: str) -> None:
    """Says in the database that the identities of the tables set aside are all stored.

    Raises:
        StorageError: when no tables are set aside.
    """
    _locked(dsn, foreign_tables.note_taken_over)


async def up_in_memory(database: Database) -> None:
    """Makes the newest tables in a database that lives in this process alone and is still empty."""
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable

    from identity_server.storage import tables

    dialect = sqlite.dialect()

    def making() -> Operation:
        for table in tables.metadata.sorted_tables:
            yield Statement(text(str(CreateTable(table).compile(dialect=dialect))), writes=True)()
            for index in table.indexes:
                yield Statement(text(str(CreateIndex(index).compile(dialect=dialect))), writes=True)()
        yield Statement(text(str(CreateTable(VERSIONS).compile(dialect=dialect))), writes=True)()
        yield Statement(insert(VERSIONS))(version_num=newest())

    await database.run(making())


def is_current(path: str) -> bool:
    """Whether a SQLite file has the newest tables, asked without the migration library."""
    if not Path(path).exists():
        return False
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall()  # noqa: S608 - our own name
        return bool(rows) and str(rows[0][0]) >= newest()
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def newest() -> str:
    """The version that this program wants, read from file names alone."""
    return _known()[-1][0]


def _known() -> list[tuple[str, str]]:
    files = sorted(path.stem for path in (FOLDER / "versions").glob("0*.py"))
    return [(stem.partition("_")[0], stem.partition("_")[2].replace("_", " ")) for stem in files]


def _is_newer(version: str | None) -> bool:
    return (version or "") > newest()


def _between(after: str | None, last: str | None) -> list[str]:
    return [version for version, _ in _known() if (after or "") < version <= (last or "")]


def _config(connection: Any) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: Any) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _locked(dsn: str, work: Callable[[Any], T]) -> T:
    parsed = dsns.parse(dsn)
    from sqlalchemy import exc

    try:
        if isinstance(parsed, dsns.SqliteDSN):
            return _on_sqlite(parsed, work)
        return asyncio.run(_on_postgres(parsed, work))
    except (OSError, TimeoutError) as error:
        raise StorageUnavailable(f"the database does not answer: {error}") from error
    except exc.DBAPIError as error:
        raise StorageError(str(error.orig)) from error


def _on_sqlite(dsn: dsns.SqliteDSN, work: Callable[[Any], T]) -> T:
    from sqlalchemy import create_engine, pool

    from identity_server.storage import sqlite

    if dsn.path is not None and not dsn.read_only:
        sqlite.refuse_unusable(dsn.path)
    try:
        raw = sqlite.connect(dsn)
    except sqlite3.Error as error:
        raise sqlite.translate(error) from error
    raw.execute("PRAGMA busy_timeout=60000")
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=pool.StaticPool)
    try:
        with engine.connect() as connection:
            # The driver's own transactions are off, so this one holds the write lock over every migration.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                result = work(connection)
            except BaseException:
                raw.execute("ROLLBACK")
                raise
            raw.execute("COMMIT")
            return result
    finally:
        engine.dispose()
        raw.close()


async def _on_postgres(dsn: dsns.PostgresDSN, work: Callable[[Any], T]) -> T:
    import asyncpg
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    async def connect(*_: Any, **__: Any) -> Any:
        return await asyncpg.connect(dsn.url, timeout=10)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            return await connection.run_sync(work)
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise StorageUnavailable(str(error)) from error
    except asyncpg.PostgresError as error:
        raise StorageError(str(error)) from error
    finally:
        await engine.dispose()
