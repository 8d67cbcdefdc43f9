"""Tables of Ory Kratos in a database that this server is to use: moved out of the way as they are, never changed.

They keep their names in a schema of their own, where an export reads them and from where they can be moved back.
"""

from typing import Any, Literal

from identity_server.errors import StorageError

SCHEMA = "ory_kratos"
#: Tables that Kratos has and this server has not.
MARKS = ("schema_migration", "networks", "identity_credential_types")
ADVICE = (
    "the database holds the tables of Ory Kratos; with --set-aside-kratos they are moved into the schema "
    f"{SCHEMA}, from where 'kratos identities export --kratos-tables' reads them"
)
#: The note on the schema. It goes wherever the database goes, which the memory of who moved the tables does not.
TAKEN_OVER = "identities taken over"
SetAside = Literal["none", "waiting", "taken-over"]


def make_room(connection: Any, *, allowed: bool) -> None:
    """Move Kratos' tables aside, where there are any.

    Args:
        connection: SQLAlchemy's, within the migration's transaction.
        allowed: whether somebody said that they may be moved.

    Raises:
        StorageError: when there are some and nobody said so, or the database has no schemas to move them into.
    """
    if not are_here(connection):
        return
    if connection.dialect.name != "postgresql":
        raise StorageError("the file holds the tables of Ory Kratos; use another file")
    if not allowed:
        raise StorageError(ADVICE)
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for name in sorted(_tables(connection)):
        quoted = '"' + name.replace('"', '""') + '"'
        connection.exec_driver_sql(f"ALTER TABLE public.{quoted} SET SCHEMA {SCHEMA}")


def are_here(connection: Any) -> bool:
    """Whether Kratos' tables stand where ours go."""
    return set(MARKS) <= _tables(connection)


def set_aside(connection: Any) -> SetAside:
    """Whether there are tables that were moved, and whether their identities are known to be ours by now."""
    if connection.dialect.name != "postgresql":
        return "none"
    query = f"SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = '{SCHEMA}'"  # noqa: S608
    rows = connection.exec_driver_sql(query).fetchall()
    if not rows:
        return "none"
    return "taken-over" if rows[0][0] == TAKEN_OVER else "waiting"


def note_taken_over(connection: Any) -> None:
    """Say that all identities of the tables are stored, so that nobody brings back one that was deleted since.

    Raises:
        StorageError: when no tables are set aside.
    """
    if set_aside(connection) == "none":
        raise StorageError("no tables of Ory Kratos are set aside in the database")
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{TAKEN_OVER}'")


def _tables(connection: Any) -> set[str]:
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    return {str(row[0]) for row in connection.exec_driver_sql(query).fetchall()}
