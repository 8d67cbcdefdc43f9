import pytest
from server_kit import Server

pytestmark = pytest.mark.anyio


async def test_it(server: Server) -> None:
    made = await server.create("ada@example.com", credentials={"password": {"config": {"password": "brisk-Otter-71"}}})
    got = await server.admin.get(f"/identities/{made['id']}")
    assert got.json()["id"] == made["id"]
    assert (await server.log_in("ada@example.com", "brisk-Otter-71")).status_code == 200
