"""The proxies of the environment: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, in either case, and NO_PROXY."""

import ipaddress
from collections.abc import Mapping


class Proxies:
    """Which proxy, if any, a request goes through.

    NO_PROXY is a comma-separated list of ``*``, host names (with all below them), addresses and networks in CIDR
    form, each optionally with ``:port``. What is on this machine is never proxied.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        known = {name.lower(): value.strip() for name, value in environment.items() if name.lower().endswith("_proxy")}
        everything = known.get("all_proxy", "")
        self._by_scheme = {scheme: known.get(f"{scheme}_proxy") or everything for scheme in ("http", "https")}
        self._direct = [entry.strip().lower() for entry in known.get("no_proxy", "").split(",") if entry.strip()]

    def choose(self, scheme: str, host: str, port: int) -> str | None:
        """The proxy's URL, or None for a direct connection."""
        proxy = self._by_scheme.get(scheme, "")
        host = host.lower().rstrip(".")
        if not proxy or _is_local(host) or any(_covers(entry, host, port) for entry in self._direct):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"


def _is_local(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdecimal() and ":" not in name:
        entry, other_port = name, int(wanted) != port
        if other_port:
            return False
    address = _address(host)
    if address is not None:
        return _contains(entry, address)
    suffix = entry.removeprefix("*").removeprefix(".")
    return host == suffix or host.endswith(f".{suffix}")


def _contains(entry: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
