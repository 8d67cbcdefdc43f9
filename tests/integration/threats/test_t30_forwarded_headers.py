"""T30: headers that anybody can write decide nothing, and are believed from proxies of ours alone."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

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


#: Proxies are those of the defaults, so that the client of these tests is one.
NARROW = {"security": {"brute_force": {"enabled": True, "per_address": {"attempts": 5, "window": "1h"}}}}
SINGLE = ["true-client-ip", "cf-connecting-ip", "x-real-ip", "forwarded", "x-client-ip"]


async def guesses(server: Server, *requests: dict[str, str]) -> list[int]:
    """The statuses of logins, one with each of these headers, all for different accounts."""
    statuses = []
    for number, headers in enumerate(requests):
        flow = (await server.public.get("/self-service/login/api")).json()["id"]
        body = {"method": "password", "identifier": f"somebody-{number}@mail.test", "password": "wrong"}
        answer = await server.public.post(f"/self-service/login?flow={flow}", json=body, headers=headers)
        statuses.append(answer.status_code)
    return statuses


@pytest.mark.parametrize("name", SINGLE)
async def test_t30_a_header_that_clients_may_send_through_a_proxy_is_no_further_budget(
    name: str, tmp_path: Path
) -> None:
    async with serving(tmp_path, overrides=NARROW) as server:
        forged = [{"x-forwarded-for": "203.0.113.7", name: f"198.51.100.{n}"} for n in range(8)]
        assert await guesses(server, *forged) == [400] * 5 + [429] * 3


@pytest.mark.parametrize("name", SINGLE)
async def test_t30_nobody_uses_up_the_budget_of_somebody_else(name: str, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NARROW) as server:
        victim = {"x-forwarded-for": "198.51.100.1"}
        attacks = [{"x-forwarded-for": f"198.51.100.1, 203.0.113.{n // 5}", name: "198.51.100.1"} for n in range(10)]
        assert await guesses(server, *attacks) == [400] * 10
        assert await guesses(server, victim) == [400]


async def test_t30_what_a_client_puts_before_its_own_address_is_no_further_budget(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NARROW) as server:
        chains = [f"198.51.100.{n}, 203.0.113.7, 10.0.0.1" for n in range(8)]
        assert await guesses(server, *({"x-forwarded-for": chain} for chain in chains)) == [400] * 5 + [429] * 3
        assert await guesses(server, {"x-forwarded-for": "203.0.113.8, 10.0.0.1"}) == [400]


async def test_t30_a_network_of_version_six_is_one_source(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NARROW) as server:
        chains = [f"2001:db8:1:2::{n:x}" for n in range(8)]
        assert await guesses(server, *({"x-forwarded-for": chain} for chain in chains)) == [400] * 5 + [429] * 3
        assert await guesses(server, {"x-forwarded-for": "2001:db8:1:3::1"}) == [400]


async def test_t30_people_of_ones_own_networks_have_a_budget_each(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NARROW) as server:
        chains = [f"10.0.{n}.1" for n in range(8)]
        assert await guesses(server, *({"x-forwarded-for": chain} for chain in chains)) == [400] * 8


@pytest.mark.parametrize("junk", ["junk", "", "203.0.113.7, junk", "10.0.0.1, ", "x" * 5000, "1.2.3.4.5"])
async def test_t30_a_login_with_a_junk_address_is_one_without(junk: str, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NARROW) as server:
        await server.create("meg@mail.test", credentials={"password": {"config": {"password": PASSWORD}}})
        flow = (await server.public.get("/self-service/login/api")).json()["id"]
        body = {"method": "password", "identifier": "meg@mail.test", "password": PASSWORD}
        answer = await server.public.post(
            f"/self-service/login?flow={flow}", json=body, headers={"x-forwarded-for": junk}
        )
        assert answer.status_code == 200
        alternating = [{"x-forwarded-for": junk} if number % 2 else {} for number in range(6)]
        assert await guesses(server, *alternating) == [400] * 4 + [429] * 2


async def test_t30_a_balancer_that_was_forgotten_is_told_of(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=NO_PROXY) as server:
        with capture_logs() as lines:
            await guesses(server, {}, {"x-forwarded-for": "198.51.100.1"}, {"x-forwarded-proto": "https"})
    told = [line for line in lines if "trusted_proxies" in line["event"]]
    assert [(line["peer"], line["log_level"]) for line in told] == [("127.0.0.1", "warning")]


async def test_t30_a_proxy_that_is_listed_is_not(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        with capture_logs() as lines:
            await guesses(server, {"x-forwarded-for": "198.51.100.1"})
    assert not [line for line in lines if "trusted_proxies" in line["event"]]
