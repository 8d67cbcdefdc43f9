"""What proxies may tell."""

import pytest

from identity_server.web import forwarding
from identity_server.web.requests import client_address

DEFAULT = ("127.0.0.0/8", "::1/128", "10.0.0.0/8")
PEER = "127.0.0.1:5000"


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.1.2.3", ""])
def test_a_peer_in_a_trusted_network_is_a_proxy(peer: str) -> None:
    assert forwarding.is_trusted(peer, DEFAULT)


@pytest.mark.parametrize("peer", ["203.0.113.9", "192.168.1.1", "2001:db8::1"])
def test_any_other_peer_is_not(peer: str) -> None:
    assert not forwarding.is_trusted(peer, DEFAULT)


def test_without_trusted_networks_nobody_is() -> None:
    assert not forwarding.is_trusted("127.0.0.1", ())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, PEER),
        ({"true-client-ip": "203.0.113.1", "x-real-ip": "203.0.113.3"}, "203.0.113.1"),
        ({"cf-connecting-ip": "203.0.113.2", "x-real-ip": "203.0.113.3"}, "203.0.113.2"),
        ({"x-real-ip": "203.0.113.3", "x-forwarded-for": "203.0.113.4"}, "203.0.113.3"),
        ({"x-forwarded-for": "192.168.1.1, 203.0.113.4, 203.0.113.5"}, "203.0.113.5"),
        ({"x-forwarded-for": "203.0.113.4, 10.0.0.1"}, "203.0.113.4"),
        ({"x-forwarded-for": "10.1.2.3"}, ""),
        ({"x-forwarded-for": "2001:db8::7"}, "2001:db8::7"),
    ],
)
def test_the_client_as_proxies_report_it(headers: dict[str, str], expected: str) -> None:
    assert client_address(headers, PEER) == expected


@pytest.mark.parametrize("name", ["true-client-ip", "cf-connecting-ip", "x-real-ip", "x-forwarded-for"])
@pytest.mark.parametrize("value", ["a", "", "1.2.3", "203.0.113.4:80", "<script>", "203.0.113.4\x00"])
def test_what_is_no_address_counts_as_not_said(name: str, value: str) -> None:
    assert client_address({name: value}, PEER) == PEER
