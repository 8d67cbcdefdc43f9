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


#: What is trusted unless the configuration says otherwise.
OURS = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


@pytest.mark.parametrize(
    ("chain", "counted"),
    [
        ("203.0.113.4", "203.0.113.4"),
        ("198.51.100.1, 203.0.113.4", "203.0.113.4"),
        ("198.51.100.1, 203.0.113.4, 10.0.0.9, 192.168.1.1", "203.0.113.4"),
        ("a, 203.0.113.4", "203.0.113.4"),
        ("203.0.113.4:8080, 10.0.0.9:80", "203.0.113.4"),
        ("10.1.1.1", "10.1.1.1"),
        ("10.9.9.9, 10.1.1.1", "10.1.1.1"),
        ("a, 10.1.1.1", "10.1.1.1"),
        ("::ffff:203.0.113.4", "203.0.113.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::7]:443", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ],
)
def test_attempts_are_counted_at_the_last_hop_that_is_no_proxy_of_ours(chain: str, counted: str) -> None:
    assert forwarding.source("10.0.0.1", chain, OURS) == counted


@pytest.mark.parametrize("chain", ["", "a", "203.0.113.4, a", "10.1.1.1, ", "unknown", "1.2.3.4.5", "<x>", "x" * 5000])
def test_a_last_hop_that_is_no_address_is_counted_as_the_peer(chain: str) -> None:
    assert forwarding.source("10.0.0.1", chain, OURS) == "10.0.0.1"


@pytest.mark.parametrize(
    ("peer", "counted"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8::1:2", "2001:db8::/64"), ("::ffff:203.0.113.9", "203.0.113.9")],
)
def test_a_stranger_is_counted_as_itself_whatever_it_says(peer: str, counted: str) -> None:
    assert forwarding.source(peer, "198.51.100.1", OURS) == counted


def test_a_peer_of_a_unix_socket_is_counted_as_its_proxy_says() -> None:
    assert forwarding.source("", "203.0.113.4", ()) == "203.0.113.4"
    assert forwarding.source("", "", ()) == ""
