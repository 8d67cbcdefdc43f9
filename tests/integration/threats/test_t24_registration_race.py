"""T24: of many sign-ups with one name at once, one wins and the others are told so."""

import asyncio
from typing import Any

import pytest

from integration.threats.people import PASSWORD
from server_kit import Server

pytestmark = pytest.mark.anyio
RUNNERS = 24


async def sign_up(server: Server, email: str) -> tuple[int, dict[str, Any]]:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    body = {"method": "password", "password": PASSWORD, "traits": {"email": email}}
    answer = await server.public.post(f"/self-service/registration?flow={flow}", json=body)
    return answer.status_code, answer.json()


async def test_t24_one_wins(server: Server) -> None:
    spellings = ["meg@mail.test", "MEG@mail.test", "ｍeg@mail.test"]
    answers = await asyncio.gather(*(sign_up(server, spellings[number % len(spellings)]) for number in range(RUNNERS)))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [200] + [400] * (RUNNERS - 1)
    refusals = [body["ui"]["messages"][0]["id"] for status, body in answers if status == 400]
    assert set(refusals) == {4000007}
    assert len((await server.admin.get("/admin/identities")).json()) == 1


async def test_t24_one_flow_sent_many_times_makes_one_account(server: Server) -> None:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    body = {"method": "password", "password": PASSWORD, "traits": {"email": "meg@mail.test"}}
    answers = await asyncio.gather(
        *(server.public.post(f"/self-service/registration?flow={flow}", json=body) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7


async def test_t24_many_names_at_once_are_many_accounts(server: Server) -> None:
    answers = await asyncio.gather(*(sign_up(server, f"meg{number}@mail.test") for number in range(RUNNERS)))
    assert [status for status, _ in answers] == [200] * RUNNERS
