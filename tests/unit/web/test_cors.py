"""Cross-origin rules."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from identity_server.web import cors
from identity_server.web.cors import ANY, Policy

POLICY = Policy(
    origins=("https://app.test", "https://*.shop.test", "http://localhost:3000"),
    methods=frozenset(("GET", "POST")),
    headers=frozenset(("content-type", "x-session-token", "origin")),
    exposed=("Content-Type",),
    credentials=True,
    max_age=0,
    passthrough=False,
    debug=False,
)


@pytest.mark.parametrize(
    "origin", ["https://app.test", "https://a.shop.test", "https://a.b.shop.test", "http://localhost:3000"]
)
def test_a_listed_origin_is_named_as_it_was_sent(origin: str) -> None:
    assert POLICY.names(origin) == origin


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.test",
        "http://app.test",
        "https://app.test:8443",
        "https://app.test.evil.test",
        "https://shop.test",
        "https://evilshop.test",
        "https://a.shop.test:444",
        "https://a.shop.test.evil.test",
        "https://evil.test/.shop.test",
        "https://evil.test#.shop.test",
        "https://evil.test@a.shop.test",
        "https://a.shop.test\r\nX: y",
        "https://app.test/",
        "app.test",
        "*",
    ],
)
def test_no_other_origin_is_ever_named(origin: str) -> None:
    assert POLICY.names(origin) == ""


def test_with_a_star_others_are_named_by_the_star() -> None:
    policy = replace(POLICY, origins=(ANY,))
    assert policy.names("https://evil.test") == ANY


@pytest.mark.parametrize("entry", ["https://*.test", "https://*.co.uk", "https://*", "*.shop.test"])
def test_a_wildcard_above_a_public_suffix_names_nobody(entry: str) -> None:
    policy = replace(POLICY, origins=(entry,))
    assert policy.names("https://evil.co.uk") == policy.names("https://evil.test") == ""


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [
        ([], True),
        (["content-type"], True),
        (["content-type", "x-session-token"], True),
        (["x-session-token", "content-type"], False),
        (["content-type", "content-type"], False),
        (["Content-Type"], False),
        (["x-other"], False),
    ],
)
def test_headers_come_as_browsers_send_them(requested: list[str], allowed: bool) -> None:
    assert POLICY.allows_headers(requested) is allowed


def test_any_header_may_be_allowed() -> None:
    assert replace(POLICY, headers=frozenset((ANY,))).allows_headers(["x-other"])


async def answered(policy: Policy, monkeypatch: pytest.MonkeyPatch, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of a preflight with an application behind that answers 200."""
    sent: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    monkeypatch.setattr(cors, "policy_of", lambda _: policy)
    runtime: Any = SimpleNamespace(services=SimpleNamespace(configuration=object()))
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "OPTIONS", "headers": raw}
    await cors.CrossOrigin(application, runtime)(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found


@pytest.mark.anyio
@pytest.mark.parametrize(("passthrough", "status"), [(False, 204), (True, 200)])
async def test_preflights_end_here_or_go_on(passthrough: bool, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = replace(POLICY, passthrough=passthrough, max_age=600)
    request = {"origin": "https://app.test", "access_control_request_method": "POST"}
    found, headers = await answered(policy, monkeypatch, **request)
    assert (found, headers["access-control-allow-origin"]) == (status, "https://app.test")
    assert (headers["access-control-allow-methods"], headers["access-control-max-age"]) == ("POST", "600")


@pytest.mark.anyio
async def test_an_options_request_that_is_no_preflight_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    status, headers = await answered(POLICY, monkeypatch, origin="https://app.test")
    assert (status, headers["access-control-expose-headers"]) == (200, "Content-Type")
