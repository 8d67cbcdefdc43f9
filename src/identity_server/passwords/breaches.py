"""Passwords known from breaches, asked from a service that never learns which password was meant.

The service gets the first five hexadecimal digits of the SHA-1 and answers with the rest of all it knows that begin
so: the range API of Have I Been Pwned.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from identity_server.outbound.client import OutboundClient
from identity_server.outbound.errors import OutboundError
from identity_server.passwords.errors import BreachServiceFailed

_SECONDS = 1.0
_KEPT_SECONDS = 3600.0
#: Answers kept; each has some 40 KB.
_KEPT = 64
_PREFIX = 5
_OK = 200


class BreachedPasswords:
    """Counts the breaches of a password.

    Args:
        client: asks the service.
        host: of the service, with a port if need be; always over TLS.
        max_breaches: how many are tolerated.
        ignore_network_errors: take a password when the service gives no answer.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        client: OutboundClient,
        host: str = "api.pwnedpasswords.com",
        max_breaches: int = 0,
        ignore_network_errors: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._host = host
        self._max_breaches = max_breaches
        self._ignore_network_errors = ignore_network_errors
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def count(self, password: str) -> int:
        """How often the password was breached, or 0 when that is tolerated or cannot be learnt.

        Raises:
            BreachServiceFailed: no answer, and ``ignore_network_errors`` is off.
        """
        octets = password.encode("utf-8", "surrogatepass")
        digest = hashlib.sha1(octets, usedforsecurity=False).hexdigest().upper()
        try:
            known = await self._range(digest[:_PREFIX])
        except BreachServiceFailed:
            if self._ignore_network_errors:
                return 0
            raise
        breaches = _find(known, digest[_PREFIX:].encode())
        return breaches if breaches > self._max_breaches else 0

    async def _range(self, prefix: str) -> bytes:
        kept_at, known = self._kept.get(prefix, (0.0, None))
        if known is None or self._clock() - kept_at >= _KEPT_SECONDS:
            known = await self._ask(prefix)
            self._kept[prefix] = (self._clock(), known)
            self._kept.move_to_end(prefix)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return known

    async def _ask(self, prefix: str) -> bytes:
        """With padding, so that the length of the answer does not tell the prefix to who watches the line."""
        url = f"https://{self._host}/range/{prefix}"
        try:
            answer = await self._client.request("GET", url, {"Add-Padding": "true"}, seconds=_SECONDS, retries=0)
        except OutboundError as error:
            raise BreachServiceFailed from error
        if answer.status != _OK:
            raise BreachServiceFailed(answer.status)
        return answer.body


def _find(known: bytes, suffix: bytes) -> int:
    for line in known.upper().split():
        found, _, count = line.partition(b":")
        if found == suffix:
            return int(count) if count.isdigit() and len(count) <= 15 else 0
    return 0
