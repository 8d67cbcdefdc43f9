"""Names that a rehearsal came across: in a temporary database on disk, since a million identities have four million."""

import sqlite3
from collections.abc import Mapping, Sequence

from identity_server.identity.model import Identity
from identity_server.storage.bulk_import import BulkStore, twin


class SeenNames:
    """All names of the rows so far."""

    def __init__(self) -> None:
        # The empty name is a file that SQLite removes by itself.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("CREATE TABLE seen (name TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, store: BulkStore, batch: Sequence[Identity], taken: Mapping[int, str]) -> dict[int, str]:
        """Adds the names of a batch, but of those that are taken; all places that are refused, and why."""
        refused = dict(taken)
        self._database.execute("BEGIN")
        for place, identity in enumerate(batch):
            if place in taken:
                continue
            keys = store.keys(identity)
            texts = ["\x1f".join(key) for key in keys]
            if (known := self._known(texts)) is not None:
                refused[place] = twin(keys[known])
            else:
                self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((text,) for text in texts))
        self._database.execute("COMMIT")
        return refused

    def _known(self, texts: Sequence[str]) -> int | None:
        for place, text in enumerate(texts):
            if self._database.execute("SELECT 1 FROM seen WHERE name = ?", (text,)).fetchone():
                return place
        return None
