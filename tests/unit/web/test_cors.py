"""Cross-origin rules."""

from dataclasses import replace

import pytest

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
