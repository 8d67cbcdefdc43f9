"""Tables of Ory Kratos in a database that this server is to use: moved out of the way as they are, never changed.

They keep their names in a schema of their own, where an export reads them and from where they can be moved back.
"""

from typing import Any

from identity_server.errors import StorageError

SCHEMA = "ory_kratos"
#: Tables that Kratos has and this server has not.
MARKS = ("schema_migration", "networks", "identity_credential_types")
ADVICE = (
    "the database holds the tables of Ory Kratos; with --set-aside-kratos they are moved into the schema "
    f"{SCHEMA}, from where 'kratos identities export --kratos-tables' reads them"
)


def make_room(connection: Any, *, allowed: bool) -> None:
    """Move Kratos' tables aside, where there are any.

    Args:
        connection: SQLAlchemy's, within the migration's transaction.
        allowed: whether somebody said that they may be moved.

    Raises:
        StorageError: when there are some and nobody said so, or the database has no schemas to move them into.
    """
    if not _found(connection):
        return
    if connection.dialect.name != "postgresql":
        raise StorageError("the file holds the tables of Ory Kratos; use another file")
    if not allowed:
        raise StorageError(ADVICE)
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for name in sorted(_tables(connection)):
        quoted = '"' + name.replace('"', '""') + '"'
        connection.exec_driver_sql(f"ALTER TABLE public.{quoted} SET SCHEMA {SCHEMA}")


def _found(connection: Any) -> bool:
    return set(MARKS) <= _tables(connection)


def _tables(connection: Any) -> set[str]:
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    return {str(row[0]) for row in connection.exec_driver_sql(query).fetchall()}
