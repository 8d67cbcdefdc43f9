"""Connections that the guard watches."""

from collections.abc import Iterable
from typing import cast

import httpcore2

from identity_server.outbound.addresses import Resolve, public_addresses
from identity_server.outbound.errors import OutboundError, Reason

#: Seconds for one of several addresses, so that a dead one does not use up the request's time.
_CONNECT_SECONDS = 5.0


def open_network() -> httpcore2.AsyncNetworkBackend:
    """Connections to anywhere."""
    return cast(httpcore2.AsyncNetworkBackend, httpcore2.AnyIOBackend())


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses only. The address that was checked is the one dialled: nothing resolves twice."""

    def __init__(self, resolver: Resolve) -> None:
        self._resolver = resolver
        self._network = open_network()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's name
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = OutboundError(Reason.UNREACHABLE)
        for address in await public_addresses(host, port, self._resolver):
            try:
                return await self._network.connect_tcp(address, port, timeout or _CONNECT_SECONDS)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's name
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise OutboundError(Reason.REFUSED)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
