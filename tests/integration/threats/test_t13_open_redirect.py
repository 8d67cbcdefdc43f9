"""T13: no spelling of ``return_to`` sends a browser off the list, in any flow."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.threats.people import JSON, PASSWORD, browser, flow_of, sign_in, sign_up
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
OVERRIDES = {
    "selfservice": {
        "allowed_return_urls": ["https://app.test/cb", "https://*.shop.test", "https://*.test", "https://*.co.uk"],
        "methods": {"password": {"config": {"haveibeenpwned_enabled": False}}},
    }
}
HOSTILE = [
    "https://evil.test/cb",
    "https://evil.co.uk/",
    "https://app.test/cb/../other",
    "https://app.test/cb/%2e%2e/other",
    "https://app.test/cb/%2E%2E/other",
    "https://app.test/cb/.%2e/other",
    "https://app.test/cb/%252e%252e/other",
    "https://app.test/cb%2f..%2fother",
    "https://app.test/cb/..;/other",
    "https://app.test/cb/..\\other",
    "https://app.test/cb/%5c..%5cother",
    "https://app.test/cbother",
    "https://app.test/",
    "https://app.test@evil.test/cb",
    "https://app.test:pass@evil.test/cb",
    "https://app.test%40evil.test/cb",
    "https://evil.test#@app.test/cb",
    "https://evil.test?@app.test/cb",
    "https://evil.test\\@app.test/cb",
    "https://app.test.evil.test/cb",
    "https://app.test:444/cb",
    "http://app.test/cb",
    "//evil.test/cb",
    "///evil.test/cb",
    "/\\evil.test/cb",
    "\\\\evil.test/cb",
    "https:evil.test/cb",
    "https:/evil.test/cb",
    "javascript:alert(1)//app.test/cb",
    "data:text/html,<script>alert(1)</script>",
    "https://shop.test/",
    "https://evilshop.test/",
    "https://a.shop.test.evil.test/",
    "\thttps://evil.test/cb",
    "https://app.test/cb\r\nLocation: https://evil.test",
    "https://[::1]@evil.test/cb",
]


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    del anyio_backend
    async with serving(tmp_path, overrides=OVERRIDES) as running:
        yield running


def test_t13_there_are_enough_forms() -> None:
    assert len(set(HOSTILE)) >= 32


@pytest.mark.parametrize("kind", ["login", "registration", "settings", "logout"])
async def test_t13_no_flow_leads_off_the_list(kind: str, server: Server) -> None:
    await sign_up(server, "meg@mail.test")
    async with browser(server) as meg:
        await sign_in(meg, "meg@mail.test")
        start = {"login": "login/browser", "registration": "registration/browser", "settings": "settings/browser"}
        token = (await meg.get("/self-service/logout/browser", headers=JSON)).json()["logout_token"]
        for url in HOSTILE:
            path = start.get(kind, "logout")
            query = {"return_to": url, **({"token": token} if kind == "logout" else {})}
            answer = await meg.get(f"/self-service/{path}", params=query, headers=JSON)
            assert (answer.status_code, answer.json()["error"]["id"]) == (
                400,
                "self_service_flow_return_to_forbidden",
            ), url
            page = await meg.get(f"/self-service/{path}", params=query, headers={"accept": "text/html"})
            assert page.headers["location"].startswith("http://127.0.0.1:4433/ui/error?"), url


@pytest.mark.parametrize("kind", ["login", "registration"])
async def test_t13_what_comes_after_verification_is_checked_as_well(kind: str, server: Server) -> None:
    name = "after_verification_return_to" if kind == "registration" else "return_to"
    answer = await server.public.get(f"/self-service/{kind}/browser", params={name: HOSTILE[0]}, headers=JSON)
    assert answer.json()["error"]["id"] == "self_service_flow_return_to_forbidden"


async def test_t13_addresses_on_the_list_still_work(server: Server) -> None:
    await sign_up(server, "meg@mail.test")
    async with browser(server) as meg:
        flow, token = await flow_of(meg, "login", "?return_to=https%3A%2F%2Fapp.test%2Fcb%2Fdone%3Fx%3D1")
        body = {"method": "password", "identifier": "meg@mail.test", "password": PASSWORD, "csrf_token": token}
        answer = await meg.post(f"/self-service/login?flow={flow}", data=body)
        assert (answer.status_code, answer.headers["location"]) == (303, "https://app.test/cb/done?x=1")
