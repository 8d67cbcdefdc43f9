"""Which addresses belong to the public internet, and names resolved to such addresses alone."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

from identity_server.outbound.errors import OutboundError, Reason

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

#: IANA's special-purpose registry, multicast, and the platform service that Azure keeps on a public address.
_PRIVATE_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
#: Within it: protocol assignments and Teredo, documentation, 6to4 (which leads to any IPv4 address).
_PRIVATE_6 = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address, given as digits, may be one of a server on the internet."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address):
        inner = known.ipv4_mapped or (ipaddress.IPv4Address(int(known) & 0xFFFFFFFF) if known in _NAT64 else None)
        if inner is None:
            return known in _GLOBAL_6 and not any(known in network for network in _PRIVATE_6)
        known = inner
    return not any(known in network for network in _PRIVATE_4)


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, in the system's order of preference; odd spellings of digits come out plain."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def public_addresses(host: str, port: int, resolver: Resolve = resolve) -> Sequence[str]:
    """The public ones of a host's addresses. Connect to one of these, not to the name: it may resolve anew.

    Raises:
        OutboundError: the name does not resolve, or to no public address.
    """
    try:
        found = await resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise OutboundError(Reason.UNREACHABLE) from error
    public = [address for address in found if is_public(address)]
    if not public:
        raise OutboundError(Reason.REFUSED)
    return public
