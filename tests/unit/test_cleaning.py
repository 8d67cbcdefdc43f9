"""A server removes what has expired by itself, now and then, and one of several does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from identity_server import cleaning
from identity_server.storage import tables
from identity_server.storage.port import Statement
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
DAILY = {"database": {"cleanup": {"every": "24h", "sleep": {"tables": "0s"}}}}


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def later(self, hours: float) -> None:
        self.at += timedelta(hours=hours)


async def flows(server: Server) -> int:
    """How many flows are kept."""
    count = Statement(select(func.count()).select_from(tables.selfservice_flows))
    return int((await server.runtime.services.database.fetch(count()))[0][0])


async def clean(server: Server) -> int | None:
    """How many flows went; None when it was not time."""
    removed = await cleaning.clean_when_due(server.runtime.services)
    return None if removed is None else removed["selfservice_flows"]


async def test_what_has_expired_goes_once_a_day(tmp_path: Path, dsn: str) -> None:
    clock = Hands()
    async with serving(tmp_path, dsn, DAILY, clock=clock) as server:
        await server.public.get("/self-service/login/api")
        assert await clean(server) == 0, "nothing has expired"
        clock.later(hours=2)
        assert await clean(server) is None, "it is not a day ago"
        assert await flows(server) == 1
        clock.later(hours=23)
        assert await clean(server) == 1
        assert await flows(server) == 0


async def test_of_two_servers_one_does(tmp_path: Path, dsn: str) -> None:
    clock = Hands()
    async with serving(tmp_path, dsn, DAILY, clock=clock) as one, serving(tmp_path, dsn, DAILY, clock=clock) as other:
        assert [await clean(one), await clean(other)] == [0, None]
        clock.later(hours=25)
        assert [await clean(other), await clean(one)] == [0, None]


@pytest.mark.parametrize("overrides", [{}, {"database": {"cleanup": {"every": "0s"}}}])
async def test_nobody_cleans_who_was_not_told_to(tmp_path: Path, overrides: dict[str, Any]) -> None:
    clock = Hands()
    async with serving(tmp_path, overrides=overrides, clock=clock) as server:
        await server.public.get("/self-service/login/api")
        clock.later(hours=100)
        assert await clean(server) is None
        assert await flows(server) == 1
