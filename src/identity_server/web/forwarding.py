"""Which peers are proxies of ours, and which addresses are nobody's on the internet."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: What only a proxy may tell.
HEADERS: Final = frozenset(
    (
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "cf-ipcity",
        "cf-ipcountry",
    )
)
#: Networks of one's own (RFC 1918, RFC 4193), this machine and this link.
_INTERNAL: Final = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "0.0.0.0/8",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


def address(text: str) -> Address | None:
    """The address that a text is; None for anything else."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def is_internal(each: Address) -> bool:
    """Whether an address says nothing about where on the internet somebody is."""
    return any(each in network for network in _INTERNAL)


@lru_cache(maxsize=1024)
def is_trusted(peer: str, trusted: tuple[str, ...]) -> bool:
    """Whether a peer is a proxy of ours; one without an address came through a unix socket of ours."""
    found = address(peer)
    return found is None or any(found in network for network in _networks(trusted))


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in trusted)
