"""T30: headers that anybody can write decide nothing, and are believed from proxies of ours alone."""

from pathlib import Path
from typing import Any

import pytest

from integration.threats.people import JSON, PASSWORD, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
NO_PROXY = {"serve": {"public": {"trusted_proxies": ["203.0.113.0/24"]}}}
HEADERS = {
    "true-client-ip": "198.51.100.1",
    "x-real-ip": "198.51.100.2",
    "x-forwarded-for": "198.51.100.3",
    "x-forwarded-host": "evil.test",
    "x-forwarded-proto": "https",
    "cf-ipcity": "Bern",
}


async def device_of(server: Server, headers: dict[str, str]) -> dict[str, Any]:
    flow = (await server.public.get("/self-service/login/api")).json()["id"]
    body = {"method": "password", "identifier": "meg@mail.test", "password": PASSWORD}
    answer = await server.public.post(f"/self-service/login?flow={flow}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["session"]["devices"][0])


@pytest.mark.parametrize("value", ["a", "", "127.0.0.1, a", "x" * 5000, "1.2.3.4.5"])
async def test_t30_junk_counts_as_not_said(value: str, tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await sign_up(server, "meg@mail.test")
        headers = {name: value for name in HEADERS}
        device = await device_of(server, {**headers, "cf-ipcity": ""})
        assert device["ip_address"] in ("127.0.0.1:50000", "")


async def test_t30_a_stranger_is_not_believed(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NO_PROXY) as server:
        await sign_up(server, "meg@mail.test")
        device = await device_of(server, HEADERS)
        assert (device["ip_address"], device["location"]) == ("127.0.0.1:50000", "")
        flow = (await server.public.get("/self-service/login/browser", headers={**JSON, **HEADERS})).json()
        assert flow["request_url"].startswith("http://127.0.0.1:4433/")


@pytest.mark.parametrize("host", ["evil.test/path", "evil.test@x", "a b", "evil.test\\x", "a\tb", "", "x" * 300 + "/"])
async def test_t30_a_host_that_is_none_is_not_repeated(host: str, server: Server) -> None:
    headers = {**JSON, "x-forwarded-host": host, "x-forwarded-proto": "javascript"}
    flow = (await server.public.get("/self-service/login/browser", headers=headers)).json()
    assert flow["request_url"] == "http://127.0.0.1:4433/self-service/login/browser"


async def test_t30_links_and_forms_follow_the_configuration_whatever_the_host_says(server: Server) -> None:
    headers = {**JSON, "host": "evil.test", "x-forwarded-host": "evil.test", "x-forwarded-proto": "https"}
    flow = (await server.public.get("/self-service/login/browser", headers=headers)).json()
    assert flow["ui"]["action"].startswith("http://127.0.0.1:4433/")
    page = await server.public.get("/self-service/login/browser", headers={"host": "evil.test"})
    assert page.headers["location"].startswith("http://127.0.0.1:4433/")


async def test_t30_no_header_signs_anybody_in(server: Server) -> None:
    answer = await sign_up(server, "meg@mail.test")
    headers = {"x-kratos-authenticated-identity-id": answer["identity"]["id"], "x-user": "meg", **HEADERS}
    assert (await whoami(server.public, **headers)).status_code == 401
