"""One request with its redirects, deadline and bounds."""

import asyncio
import os
import ssl
from collections.abc import Collection, Mapping
from urllib.parse import unquote

import httpcore2
import httpx2

from identity_server.outbound.addresses import Resolve, public_addresses, resolve
from identity_server.outbound.answers import Answer, read_within, unpack
from identity_server.outbound.calls import Call, parse, redirected, request_headers
from identity_server.outbound.errors import OutboundError, Reason
from identity_server.outbound.network import GuardedNetwork, open_network
from identity_server.outbound.proxies import Proxies

MOST_BODY = 5 * 2**20
_MOST_REDIRECTS = 10
_CONNECTIONS, _IDLE_CONNECTIONS, _IDLE_SECONDS = 100, 20, 15.0
_FIRST_PAUSE = 0.1
_REDIRECTS = {301, 302, 303, 307, 308}
Pool = httpcore2.AsyncConnectionPool


class OutboundClient:
    """Makes HTTP requests. Nothing is opened or loaded before the first.

    No cookies are kept. Certificates are checked against the system's authorities or ``SSL_CERT_FILE``. Proxies of
    the environment are used; behind one, a guarded request still needs a name that resolves here to public addresses.

    Args:
        disallow_private: refuse addresses that are not on the public internet, redirects included.
        exceptions: URLs exempt from that, compared letter by letter with the whole URL requested.
        timeout: seconds for a request with all its redirects and retries.
        retries: how often to try again when the other server cannot be reached or answers 5xx.
    """

    def __init__(
        self,
        disallow_private: bool = False,
        exceptions: Collection[str] = (),
        timeout: float = 10.0,
        retries: int = 0,
        *,
        environment: Mapping[str, str] | None = None,
        resolver: Resolve = resolve,
        ssl_context: ssl.SSLContext | None = None,
        most_body: int = MOST_BODY,
    ) -> None:
        self._disallow_private = disallow_private
        self._exceptions = frozenset(exceptions)
        self._timeout = timeout
        self._retries = retries
        self._proxies = Proxies(os.environ if environment is None else environment)
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._most_body = most_body
        self._pools: dict[tuple[bool, str | None, str], Pool] = {}

    async def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        *,
        seconds: float | None = None,
        retries: int | None = None,
    ) -> Answer:
        """The answer, whatever its status, after at most ten redirects.

        Args:
            seconds: a time-out of this request's own.
            retries: a number of retries of this request's own.

        Raises:
            OutboundError: there is none; its ``reason`` says why.
        """
        call = Call.of(method, url, headers or {}, content)
        try:
            async with asyncio.timeout(self._timeout if seconds is None else seconds):
                return await self._persist(call, self._retries if retries is None else retries)
        except TimeoutError:
            raise OutboundError(Reason.TIMEOUT) from None

    async def close(self) -> None:
        """Close idle connections."""
        while self._pools:
            await self._pools.popitem()[1].aclose()

    async def _persist(self, call: Call, retries: int) -> Answer:
        pause = _FIRST_PAUSE
        for _ in range(retries):
            try:
                answer = await self._follow(call)
                if answer.status < 500 or answer.status == 501:
                    return answer
            except OutboundError as error:
                if error.reason is not Reason.UNREACHABLE:
                    raise
            await asyncio.sleep(pause)
            pause *= 2
        return await self._follow(call)

    async def _follow(self, call: Call) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._exchange(call)
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location:
                return answer
            call = redirected(call, answer.status, location)
        raise OutboundError(Reason.REDIRECTS)

    async def _exchange(self, call: Call) -> Answer:
        url = parse(call.url)
        pool = await self._pool(call.url, url)
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            async with pool.stream(
                call.method, target, headers=request_headers(call, url), content=call.content
            ) as response:
                return await self._read(call, response)
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProxyError, OSError) as error:
            raise OutboundError(Reason.UNREACHABLE) from error
        except httpcore2.LocalProtocolError:
            raise OutboundError(Reason.BAD_REQUEST) from None
        except httpcore2.RemoteProtocolError as error:
            raise OutboundError(Reason.GARBLED) from error

    async def _read(self, call: Call, response: httpcore2.Response) -> Answer:
        headers = httpx2.Headers(response.headers)
        body = await read_within(response.aiter_stream(), self._most_body)
        body = unpack(body, headers.get("content-encoding", ""), self._most_body)
        return Answer(response.status, headers, body, call.url)

    async def _pool(self, text: str, url: httpx2.URL) -> Pool:
        guarded = self._disallow_private and text not in self._exceptions
        port = url.port or (443 if url.scheme == "https" else 80)
        proxy = self._proxies.choose(url.scheme, url.host, port)
        if proxy and guarded:
            await public_addresses(url.host, port, self._resolver)
        key = (guarded, proxy, url.scheme)
        if key not in self._pools:
            self._pools[key] = self._open(*key)
        return self._pools[key]

    def _open(self, guarded: bool, proxy: str | None, scheme: str) -> Pool:
        """One pool a kind, so that a connection made for an exception never serves a guarded request."""
        if scheme == "https" and self._ssl_context is None:
            self._ssl_context = ssl.create_default_context()
        if proxy:
            place = parse(proxy)
            return httpcore2.AsyncHTTPProxy(
                httpcore2.URL(scheme=place.raw_scheme, host=place.raw_host, port=place.port, target=b"/"),
                proxy_auth=(unquote(place.username), unquote(place.password)) if place.userinfo else None,
                ssl_context=self._ssl_context,
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_IDLE_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
            )
        return Pool(
            ssl_context=self._ssl_context,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=GuardedNetwork(self._resolver) if guarded else open_network(),
        )
