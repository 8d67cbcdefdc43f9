"""The model as one SQLite file.

One connection writes, and a hook is one transaction on it: what a failing hook wrote is rolled back. Readers
(`status`, `show-unit`) use connections of their own and see what was last committed.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = sqlite3.Row

TABLES = """
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS application (
    name TEXT PRIMARY KEY, charm TEXT NOT NULL, actor INTEGER NOT NULL, folder TEXT NOT NULL, source TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0, life TEXT NOT NULL DEFAULT 'alive', leader TEXT,
    next_unit INTEGER NOT NULL DEFAULT 0, version TEXT NOT NULL DEFAULT '', trust INTEGER NOT NULL DEFAULT 0,
    since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resource (application TEXT, name TEXT, path TEXT, PRIMARY KEY (application, name));
CREATE TABLE IF NOT EXISTS setting (
    application TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (application, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unit (
    name TEXT PRIMARY KEY, application TEXT NOT NULL, number INTEGER NOT NULL, address TEXT NOT NULL UNIQUE,
    life TEXT NOT NULL DEFAULT 'alive', installed INTEGER NOT NULL DEFAULT 0, started INTEGER NOT NULL DEFAULT 0,
    charm_seen INTEGER NOT NULL DEFAULT -1, config_seen TEXT, leader_seen INTEGER NOT NULL DEFAULT 0,
    failure TEXT, update_due INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relation (
    id INTEGER PRIMARY KEY AUTOINCREMENT, interface TEXT NOT NULL, life TEXT NOT NULL DEFAULT 'alive');
CREATE TABLE IF NOT EXISTS endpoint (
    relation INTEGER, application TEXT, name TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (relation, application));
CREATE TABLE IF NOT EXISTS scope (relation INTEGER, unit TEXT, PRIMARY KEY (relation, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bag (
    relation INTEGER, owner TEXT, version INTEGER NOT NULL, PRIMARY KEY (relation, owner)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS datum (
    relation INTEGER, owner TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (relation, owner, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
    relation INTEGER, unit TEXT, member TEXT, version INTEGER NOT NULL,
    PRIMARY KEY (relation, unit, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, label TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
    rotate TEXT NOT NULL DEFAULT 'never', rotates REAL, auto_prune INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret_revision (
    secret TEXT, revision INTEGER, content TEXT NOT NULL, expires REAL, told_expired INTEGER NOT NULL DEFAULT 0,
    told_remove INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL, PRIMARY KEY (secret, revision)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret_consumer (
    secret TEXT, unit TEXT, label TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL, told INTEGER NOT NULL,
    PRIMARY KEY (secret, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret_grant (
    secret TEXT, grantee TEXT, relation INTEGER, PRIMARY KEY (secret, grantee)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS port (unit TEXT, port TEXT, PRIMARY KEY (unit, port)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS storage (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, attached INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS status (
    entity TEXT PRIMARY KEY, status TEXT NOT NULL, message TEXT NOT NULL, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY, operation INTEGER NOT NULL, unit TEXT NOT NULL, action TEXT NOT NULL,
    parameters TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'pending', message TEXT NOT NULL DEFAULT '',
    results TEXT NOT NULL DEFAULT '{}', code INTEGER NOT NULL DEFAULT 0, log TEXT NOT NULL DEFAULT '[]',
    enqueued TEXT NOT NULL, started TEXT, completed TEXT);
CREATE TABLE IF NOT EXISTS container (
    unit TEXT, name TEXT, announced TEXT, PRIMARY KEY (unit, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unhealthy (
    unit TEXT, container TEXT, name TEXT, PRIMARY KEY (unit, container, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS charm_state (unit TEXT, key TEXT, value TEXT, PRIMARY KEY (unit, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY, time TEXT NOT NULL, entity TEXT NOT NULL, level TEXT NOT NULL, module TEXT NOT NULL,
    message TEXT NOT NULL);
"""


class Store:
    """A connection to the model file."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        # The hook tools' thread works on the connection while the model's thread waits for the hook, never both.
        address = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        self._db = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.row_factory = sqlite3.Row
        if not read_only:
            path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode = WAL")
            # A sandbox may lose its last command in a power cut; waiting for the disk a dozen times a hook is worse.
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.executescript(TABLES)

    def run(self, statement: str, *values: Any) -> int:
        """Runs one statement; returns the number of rows it touched."""
        return self._db.execute(statement, values).rowcount

    def insert(self, statement: str, *values: Any) -> int:
        """Runs one insert; returns the new row's number."""
        number = self._db.execute(statement, values).lastrowid
        assert number is not None
        return number

    def all(self, statement: str, *values: Any) -> list[Row]:
        return self._db.execute(statement, values).fetchall()

    def first(self, statement: str, *values: Any) -> Row | None:
        return self._db.execute(statement, values).fetchone()

    def value(self, statement: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.first(statement, *values)
        return row[0] if row else None

    def column(self, statement: str, *values: Any) -> list[Any]:
        return [row[0] for row in self.all(statement, *values)]

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Commits at the end, or rolls all back when the block raises."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()
