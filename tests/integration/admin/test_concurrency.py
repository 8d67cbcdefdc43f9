"""Writers at the same time: one wins, the others are told, nothing is half done."""

import asyncio
from collections import Counter

import pytest

from server_kit import Server

pytestmark = pytest.mark.anyio
WRITERS = 12


async def test_one_of_many_gets_the_name(server: Server) -> None:
    async def create(number: int) -> int:
        body = {"traits": {"email": "ada@example.com"}, "external_id": f"e-{number}"}
        return (await server.admin.post("/admin/identities", json=body)).status_code

    answers = Counter(await asyncio.gather(*(create(number) for number in range(WRITERS))))
    assert answers == {201: 1, 409: WRITERS - 1}
    assert len((await server.admin.get("/admin/identities")).json()) == 1


async def test_one_of_many_gets_the_external_id(server: Server) -> None:
    async def create(number: int) -> int:
        body = {"traits": {"email": f"p{number}@example.com"}, "external_id": "e"}
        return (await server.admin.post("/admin/identities", json=body)).status_code

    answers = Counter(await asyncio.gather(*(create(number) for number in range(WRITERS))))
    assert answers == {201: 1, 409: WRITERS - 1}


async def test_one_of_many_takes_a_name_over(server: Server) -> None:
    people = [(await server.create(f"p{number}@example.com"))["id"] for number in range(WRITERS)]

    async def rename(identity_id: str) -> int:
        change = [{"op": "replace", "path": "/traits/email", "value": "ada@example.com"}]
        return (await server.admin.patch(f"/admin/identities/{identity_id}", json=change)).status_code

    answers = Counter(await asyncio.gather(*(rename(identity_id) for identity_id in people)))
    assert answers == {200: 1, 409: WRITERS - 1}


async def test_no_change_of_one_identity_is_lost(server: Server) -> None:
    made = await server.create("ada@example.com", metadata_public={})

    async def note(number: int) -> int:
        change = [{"op": "add", "path": f"/metadata_public/n{number}", "value": number}]
        answer = await server.admin.patch(f"/admin/identities/{made['id']}", json=change)
        return answer.status_code

    answers = await asyncio.gather(*(note(number) for number in range(WRITERS)))
    seen = (await server.admin.get(f"/admin/identities/{made['id']}")).json()["metadata_public"]
    assert set(answers) <= {200, 409}
    assert set(seen) == {f"n{number}" for number, status in enumerate(answers) if status == 200}


async def test_batches_that_overlap_store_each_name_once(server: Server) -> None:
    items = [{"create": {"traits": {"email": f"p{number}@example.com"}}} for number in range(40)]

    async def send() -> list[str]:
        answer = await server.admin.patch("/admin/identities", json={"identities": items})
        return [each["action"] for each in answer.json()["identities"]]

    results = await asyncio.gather(*(send() for _ in range(4)))
    assert Counter(action for result in results for action in result)["create"] == 40
    assert len((await server.admin.get("/admin/identities")).json()) == 40


async def test_deleting_while_changing_leaves_nothing_behind(server: Server) -> None:
    made = await server.create("ada@example.com")
    address = f"/admin/identities/{made['id']}"
    change = [{"op": "replace", "path": "/metadata_public", "value": 1}]
    answers = await asyncio.gather(
        *(server.admin.patch(address, json=change) for _ in range(6)), server.admin.delete(address)
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 404, 409}
    assert (await server.admin.get(address)).status_code == 404
    await server.create("ada@example.com")
