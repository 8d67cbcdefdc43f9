"""Hosts with a wildcard."""

import pytest

from identity_server.flows.host_patterns import is_owned, matches


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("app.test", "app.test"),
        ("*.shop.test", "a.shop.test"),
        ("*.shop.test", "a.b.shop.test"),
        ("*.shop.test:8443", "a.shop.test:8443"),
        ("app-*.shop.test", "app-7.shop.test"),
        ("*.example.co.uk", "a.example.co.uk"),
    ],
)
def test_a_host_that_the_pattern_means(pattern: str, host: str) -> None:
    assert matches(pattern, host)


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("app.test", "app.test.evil.test"),
        ("app.test", "app.test:444"),
        ("*.shop.test", "shop.test"),
        ("*.shop.test", ".shop.test"),
        ("*.shop.test", "evilshop.test"),
        ("*.shop.test", "a..shop.test"),
        ("*.shop.test", "a.shop.test:444"),
        ("*.shop.test", "a.shop.test.evil.test"),
        ("app-*.shop.test", "app-7.evil.shop.test"),
        ("app-*.shop.test", "app-.shop.test"),
        ("*.*.shop.test", "a.b.shop.test"),
        ("*shop.test", "evilshop.test"),
        ("*.test", "evil.test"),
        ("*.co.uk", "evil.co.uk"),
        ("*.github.io", "evil.github.io"),
        ("*", "evil.test"),
    ],
)
def test_a_host_that_it_does_not_mean(pattern: str, host: str) -> None:
    assert not matches(pattern, host)


@pytest.mark.parametrize("domain", ["shop.test", "example.co.uk", "co.example", "de.com"])
def test_a_domain_that_somebody_registered(domain: str) -> None:
    assert is_owned(domain)


@pytest.mark.parametrize("domain", ["test", "", "com.au", "ac.jp", "vercel.app", ".test", "shop."])
def test_a_suffix_that_is_open_to_everybody(domain: str) -> None:
    assert not is_owned(domain)
