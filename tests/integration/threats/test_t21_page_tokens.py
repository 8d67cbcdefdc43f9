"""T21: nothing gets into a query by way of a page token."""

import base64
import itertools
import re

import pytest

from server_kit import Server

pytestmark = pytest.mark.anyio
LISTS = ("/admin/identities", "/admin/sessions", "/admin/courier/messages")
NIL = "00000000-0000-0000-0000-000000000000"


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


FORGED = [
    "zebra",
    NIL,
    "' OR 1=1 --",
    encoded("created_at=2026-01-01/id=" + NIL),
    encoded("created_at = created_at; DROP TABLE identities; --=x/id=y"),
    encoded('{"offset":"0","v":2}'),
    encoded("pg_sleep(10)=1"),
    encoded("\x01" + "x" * 60),
    "A" * 60_000,
    "%00",
]


async def test_a_forged_token_is_refused(server: Server) -> None:
    for path, token in itertools.product(LISTS, FORGED):
        answer = await server.admin.get(path, params={"page_token": token})
        assert answer.status_code == 400, (path, token[:50])
        assert token[:50] not in answer.text


async def token_of(server: Server, path: str, rel: str = "first") -> str:
    link = (await server.admin.get(path)).headers["link"]
    found = re.search(rf'page_token=([^&>]+)[^>]*>; rel="{rel}"', link)
    assert found, link
    return found[1]


async def test_a_token_of_another_list_is_refused(server: Server) -> None:
    for path, other in itertools.product(LISTS, LISTS):
        answer = await server.admin.get(path, params={"page_token": await token_of(server, other)})
        assert answer.status_code == (200 if other == path else 400)


async def test_a_token_says_nothing_of_what_it_holds(server: Server) -> None:
    made = [(await server.create(f"p{number}@example.com"))["id"] for number in range(3)]
    token = await token_of(server, "/admin/identities?page_size=1", "next")
    readable = base64.urlsafe_b64decode(token + "==")
    assert not any(each.encode() in readable or each in token for each in made)


async def test_a_changed_token_is_refused(server: Server) -> None:
    await server.create("a@example.com")
    await server.create("b@example.com")
    token = await token_of(server, "/admin/identities?page_size=1", "next")
    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert (await server.admin.get("/admin/identities", params={"page_token": changed})).status_code == 400


async def test_there_is_no_key_that_everybody_knows(server: Server) -> None:
    """Without a pagination secret the key comes from the default secrets, never from a constant."""
    from identity_server.ciphers.signing import Keys, seal

    for known in (bytes(32), b"\0", b"pagination"):
        token = seal("page/identities", NIL.encode(), Keys([known]))
        assert (await server.admin.get("/admin/identities", params={"page_token": token})).status_code == 400
