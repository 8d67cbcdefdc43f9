"""Opens the database that a data source name means."""

from identity_server.storage import dsn
from identity_server.storage.port import Database


def open_database(name: str) -> Database:
    """The database behind a data source name; no connection is made yet.

    Raises:
        BadDSN: when the name is not one we know.
    """
    parsed = dsn.parse(name)
    if isinstance(parsed, dsn.SqliteDSN):
        from identity_server.storage.sqlite import SqliteDatabase

        return SqliteDatabase(parsed)
    from identity_server.storage.postgres import PostgresDatabase

    return PostgresDatabase(parsed)
