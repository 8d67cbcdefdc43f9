"""F10: a full disk makes the database not ready, until something can be written again."""

from pathlib import Path

import pytest
from sqlalchemy import text

from identity_server.errors import StorageFull, StorageUnavailable
from identity_server.storage import sqlite
from identity_server.storage.dsn import SqliteDSN
from identity_server.storage.port import Statement
from identity_server.storage.sqlite import SqliteDatabase

pytestmark = pytest.mark.anyio
ADD = Statement(text("INSERT INTO things SELECT hex(randomblob(20000))"), writes=True)


async def test_f10_after_a_write_that_found_no_room_ready_means_that_one_succeeded(tmp_path: Path) -> None:
    database = SqliteDatabase(SqliteDSN(f"{tmp_path}/k.sqlite"))
    await database.fetch(Statement(text("CREATE TABLE things (word text)"), writes=True)())
    pages = (await database.fetch(Statement(text("PRAGMA max_page_count = 1"), writes=True)()))[0][0]
    with pytest.raises(StorageFull):
        for _ in range(100):
            await database.fetch(ADD())
    await database.ping()
    assert pages > 0
    await database.close()


async def test_f10_without_room_it_is_not_ready_and_reads_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(SqliteDSN(f"{tmp_path}/k.sqlite"))
    await database.ping()
    monkeypatch.setattr(sqlite, "free_bytes", lambda _: 4096)
    with pytest.raises(StorageFull):
        await database.ping()
    assert (await database.fetch(Statement(text("SELECT 1"), writes=False)()))[0][0] == 1
    monkeypatch.undo()
    await database.ping()
    await database.close()


async def test_f08_who_waited_behind_others_for_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(SqliteDSN(f"{tmp_path}/k.sqlite"))
    monkeypatch.setattr(sqlite, "BUSY_MILLISECONDS", -1)
    with pytest.raises(StorageUnavailable):
        await database.fetch(Statement(text("SELECT 1"), writes=False)())
    monkeypatch.undo()
    assert (await database.fetch(Statement(text("SELECT 1"), writes=False)()))[0][0] == 1
    await database.close()
