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


def source(peer: str, chain: str, trusted: tuple[str, ...]) -> str:
    """Where a request is counted: the last hop that is no proxy of ours, as the proxy after it saw it.

    What stands further left in the chain, and in any other header, is what the client chose to send. A chain of our own
    networks alone is counted at its last hop; none, or what is no address, as the peer, and so is every stranger's.

    Args:
        peer: who is connected.
        chain: ``X-Forwarded-For``.
        trusted: the networks of our proxies.

    Returns:
        An address of IPv4, or the network of one home in IPv6.
    """
    hops: list[Address] = []
    for part in reversed(chain.split(",") if is_trusted(peer, trusted) else ()):
        hop = _hop(part.strip())
        if hop is None:
            break  # whoever wrote this may have written all that stands before it
        hops.append(hop)
        if not is_trusted(str(hop), trusted):
            return _counted(hop)
    found = hops[0] if hops else address(peer)
    return _counted(found) if found is not None else peer


def _hop(text: str) -> Address | None:
    """An address in a chain; some balancers add the port."""
    if text.startswith("["):
        return address(text[1:].partition("]")[0])
    return address(text.partition(":")[0] if text.count(":") == 1 else text)


def _counted(found: Address) -> str:
    """One address of IPv4; of IPv6 the /64, since a customer is given at least that to move about in (RIPE-690)."""
    if isinstance(found, IPv4Address):
        return str(found)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in trusted)
