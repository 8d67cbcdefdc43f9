"""T3: how long the waits are, what they are kept by, and what ends them; with a clock that the test moves."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from identity_server.storage import tables
from identity_server.storage.port import Statement
from integration.factors import Time
from integration.threats.people import PASSWORD
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
#: Nothing but the switch: the waits are the defaults; a source's budget is another test's.
ON: dict[str, Any] = {"security": {"brute_force": {"enabled": True, "per_address": {"attempts": 100_000}}}}
EMAIL, UNKNOWN = "ada@example.com", "nobody-knows@example.com"
_KEYS = Statement(select(tables.attempt_counters.c.key))


async def account(server: Server) -> str:
    credentials = {"password": {"config": {"password": PASSWORD}}}
    return str((await server.create(EMAIL, credentials=credentials))["id"])


async def guess(server: Server, email: str, password: str = "wrong") -> tuple[int, int]:
    """The status of a login, and after how many seconds the next may be tried."""
    answer = await server.log_in(email, password)
    return answer.status_code, int(answer.headers.get("retry-after", "0"))


async def climb(server: Server, time: Time, email: str, times: int) -> list[int]:
    """The waits after so many guesses that were looked at, each at the first moment at which it could be."""
    waits = []
    for _ in range(times):
        assert (await guess(server, email))[0] == 400
        status, wait = await guess(server, email)
        if status == 400:
            waits.append(0)
            continue
        waits.append(wait)
        time.move(seconds=wait)
    return waits


@pytest.mark.parametrize("email", [EMAIL, UNKNOWN])
async def test_t03_ten_are_free_and_then_waits_double_up_to_a_quarter_of_an_hour(
    tmp_path: Path, dsn: str, email: str
) -> None:
    time = Time()
    async with serving(tmp_path, dsn, ON, clock=time) as server:
        await account(server)
        assert [await guess(server, email) for _ in range(9)] == [(400, 0)] * 9
        waits = await climb(server, time, email, 13)
        assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_t03_twelve_hours_later_or_after_a_success_it_begins_anew(tmp_path: Path) -> None:
    time = Time()
    async with serving(tmp_path, "", ON, clock=time) as server:
        await account(server)
        for email in (EMAIL, UNKNOWN):
            assert [(await guess(server, email))[0] for _ in range(11)] == [400] * 10 + [429]
        time.move(hours=12, seconds=2)
        for email in (EMAIL, UNKNOWN):
            assert [(await guess(server, email))[0] for _ in range(11)] == [400] * 10 + [429]
        time.move(minutes=1)
        assert (await guess(server, EMAIL, PASSWORD))[0] == 200
        assert [(await guess(server, EMAIL))[0] for _ in range(11)] == [400] * 10 + [429]


async def test_t03_counters_name_nobody(tmp_path: Path, dsn: str) -> None:
    async with serving(tmp_path, dsn, ON) as server:
        identity = await account(server)
        await asyncio.gather(*(guess(server, email) for email in (EMAIL, UNKNOWN) for _ in range(12)))
        keys = " ".join(str(row[0]) for row in await server.runtime.services.database.fetch(_KEYS()))
    assert keys
    for name in (identity, EMAIL, UNKNOWN, "nobody", "ada"):
        assert name not in keys


async def test_t03_while_one_name_waits_others_do_not(tmp_path: Path) -> None:
    async with serving(tmp_path, "", ON, clock=Time()) as server:
        await account(server)
        other = {"credentials": {"password": {"config": {"password": PASSWORD}}}}
        await server.create("bob@example.com", **other)
        await asyncio.gather(*(guess(server, email) for email in (EMAIL, UNKNOWN) for _ in range(150)))
        assert (await guess(server, EMAIL, PASSWORD))[0] == 429
        assert (await guess(server, "bob@example.com", PASSWORD))[0] == 200
        assert (await guess(server, "somebody@example.com"))[0] == 400


#: How the same name may be typed; all of them are one name where identifiers are stored.
SPELLINGS = ("{}", "{} ", "\u200b{}", "\uff41{}", "A{}", "a\u00ad{}", "\u24b6{}")


async def test_t03_spellings_tell_nothing_about_who_has_an_account(tmp_path: Path) -> None:
    async with serving(tmp_path, "", ON, clock=Time()) as server:
        await account(server)
        seen = []
        for email in (EMAIL, "aka@example.com"):
            assert [(await guess(server, email))[0] for _ in range(10)] == [400] * 10
            spelt = [each.format(email if each.startswith(("{", "\u200b")) else email[1:]) for each in SPELLINGS]
            seen.append([await guess(server, name) for name in spelt])
        assert seen[0] == seen[1] == [(429, 1)] * len(SPELLINGS)
