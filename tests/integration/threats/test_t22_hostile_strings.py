"""T22: NUL, half surrogates, overlong encodings and friends never reach the database raw; no answer is 500 or more."""

import itertools
from urllib.parse import quote

import pytest

from server_kit import Server

pytestmark = pytest.mark.anyio

#: Percent-encoded, as a client would send them.
HOSTILE = [
    "%00",
    "a%00b",
    "%C0%80",
    "%ED%A0%80",
    "%ED%B0%80",
    "%F4%90%80%80",
    "%FF%FE",
    "%EF%BF%BF",
    "%E2%80%AE",
    "%0D%0Aset-cookie:%20x=y",
    "%27%20OR%201=1%20--",
    "%22%29%3B%20DROP%20TABLE%20identities%3B--",
    "%25%5F%25",
    "..%2F..%2Fetc%2Fpasswd",
    "%7B%7B7*7%7D%7D",
    "%24%7Bjndi:ldap://x%7D",
    "A" * 20_000,
    "%F0%9F%98%80" * 500,
    "-1",
    "99999999999999999999999999",
    "NaN",
    "%5C",
]
IDENTITIES = "/admin/identities"
PARAMETERS = [
    (IDENTITIES, "ids"),
    (IDENTITIES, "credentials_identifier"),
    (IDENTITIES, "preview_credentials_identifier_similar"),
    (IDENTITIES, "organization_id"),
    (IDENTITIES, "include_credential"),
    (IDENTITIES, "consistency"),
    (IDENTITIES, "page"),
    (IDENTITIES, "per_page"),
    (IDENTITIES, "page_size"),
    (IDENTITIES, "page_token"),
    ("/admin/sessions", "active"),
    ("/admin/sessions", "expand"),
    ("/admin/sessions", "page_token"),
    ("/admin/identities/5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11/sessions", "page"),
    ("/admin/courier/messages", "status"),
    ("/admin/courier/messages", "recipient"),
    ("/admin/courier/messages", "page_token"),
    ("/admin/courier/messages", "page_size"),
    ("/schemas", "page_token"),
]
PATHS = [
    "/admin/identities/{}",
    "/admin/identities/by/external/{}",
    "/admin/identities/{}/sessions",
    "/admin/sessions/{}",
    "/admin/courier/messages/{}",
    "/schemas/{}",
    "/{}",
]


def body_with(place: str, text: str) -> str:
    """A creation's body with a text, in JSON's spelling, in one of its places."""
    email = text if place == "email" else "a@example.com"
    parts = {
        "external_id": f'"external_id": "{text}"',
        "schema_id": f'"schema_id": "{text}"',
        "metadata": f'"metadata_public": {{"{text}": "{text}"}}',
        "provider": f'"credentials": {{"oidc": {{"config": {{"providers": [{{"subject": "{text}"}}]}}}}}}',
        "password": f'"credentials": {{"password": {{"config": {{"password": "{text}"}}}}}}',
        "hash": f'"credentials": {{"password": {{"config": {{"hashed_password": "{text}"}}}}}}',
        "address": f'"verifiable_addresses": [{{"value": "{text}", "via": "{text}", "status": "sent"}}]',
        "member": f'"{text}": 1',
    }
    return f'{{"traits": {{"email": "{email}"}}{", " + parts[place] if place in parts else ""}}}'


PLACES = ["email", "external_id", "schema_id", "metadata", "provider", "password", "hash", "address", "member"]
TEXTS = [r"\u0000", r"a\u0000b", r"\ud800", r"\udfff", r"\ufffe", r"\u202e", "\\u0001", "\\\\", "😀" * 300, "x" * 5000]


async def get(server: Server, target: str) -> int:
    request = server.admin.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=target.encode())
    return (await server.admin.send(request)).status_code


async def test_no_parameter_breaks_the_server(server: Server) -> None:
    await server.create("ada@example.com")
    for (path, name), text in itertools.product(PARAMETERS, HOSTILE):
        assert await get(server, f"{path}?{name}={text}") < 500, (path, name, text)


async def test_no_path_breaks_the_server(server: Server) -> None:
    for path, text in itertools.product(PATHS, HOSTILE):
        assert await get(server, path.format(text)) < 500, (path, text)


async def test_no_method_breaks_on_a_path(server: Server) -> None:
    for method, text in itertools.product(("PUT", "PATCH", "DELETE"), HOSTILE):
        for path in ("/admin/identities/{}", "/admin/identities/{}/credentials/password", "/admin/sessions/{}/extend"):
            request = server.admin.build_request(method, "/", json={})
            request.url = request.url.copy_with(raw_path=path.format(text).encode())
            assert (await server.admin.send(request)).status_code < 500, (path, text)


async def test_no_text_in_a_body_breaks_the_server(server: Server) -> None:
    for place, text in itertools.product(PLACES, TEXTS):
        content = body_with(place, text).encode()
        answer = await server.admin.post(IDENTITIES, content=content, headers={"content-type": "application/json"})
        assert answer.status_code < 500, (place, text, answer.text)
        if answer.status_code == 201:
            seen = await server.admin.get(f"/admin/identities/{answer.json()['id']}?include_credential=oidc")
            assert seen.status_code == 200
            await server.admin.delete(f"/admin/identities/{answer.json()['id']}")


async def test_nul_finds_nobody(server: Server) -> None:
    await server.create("ada@example.com")
    answer = await server.admin.get(f"{IDENTITIES}?credentials_identifier=%00")
    assert (answer.status_code, answer.json()) == (200, [])
    assert await get(server, "/admin/identities/by/external/%00") == 404


async def test_a_name_that_looks_like_a_statement_is_a_name(server: Server) -> None:
    name = "'; DROP TABLE identities; --"
    made = await server.create("ada@example.com", external_id=name)
    answer = await server.admin.get(f"/admin/identities/by/external/{quote(name, safe='')}")
    assert answer.json()["id"] == made["id"]
