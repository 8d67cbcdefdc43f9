"""Public keys of issuers: kept for a while, read again when a token names a key that is not among them."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from identity_server.errors import ApiError
from identity_server.methods.oidc_method import refusals
from identity_server.methods.oidc_method.web_calls import BadAnswer, WebCalls, as_object

log = structlog.get_logger("oidc")
KEPT_SECONDS: Final = 3600.0
#: A key that was withdrawn may serve for so long while its issuer does not answer.
_STALE_SECONDS: Final = 24 * 3600.0
#: Whoever sends tokens with made-up key names must not make us a hammer on the issuer.
AGAIN_SECONDS: Final = 30.0
_MOST_KEYS: Final = 200

Key = Mapping[str, Any]


@dataclass
class _Set:
    keys: list[Key] = field(default_factory=list[Key])
    read_at: float = 0.0
    #: When it was read because of an unknown key.
    forced_at: float = float("-inf")
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeySets:
    """The keys behind addresses.

    Args:
        web: the way to them.
        again: seconds between two readings because of unknown keys.
    """

    def __init__(self, web: WebCalls, again: float = AGAIN_SECONDS) -> None:
        self._web = web
        self._again = again
        self._sets: dict[str, _Set] = {}

    async def candidates(self, url: str, kid: str) -> list[Key]:
        """The keys that a token may be signed with: the one it names, or all when it names none.

        Raises:
            ApiError: 502 when the keys cannot be read.
        """
        known = self._sets.setdefault(url, _Set())
        async with known.turn:
            if not known.keys or time.monotonic() - known.read_at > KEPT_SECONDS:
                await self._read(url, known)
            found = _named(known.keys, kid)
            if not found and time.monotonic() - known.forced_at > self._again:
                known.forced_at = time.monotonic()
                await self._read(url, known)
                found = _named(known.keys, kid)
            return found

    async def _read(self, url: str, known: _Set) -> None:
        try:
            keys = as_object(await self._web.get(url)).get("keys")
        except (BadAnswer, ApiError) as error:
            if known.keys and time.monotonic() - known.read_at < _STALE_SECONDS:
                return
            log.warning("a provider's keys cannot be read", url=url, cause=str(error))
            raise refusals.unreachable(url) from error
        found: list[Key] = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
        known.keys, known.read_at = found[:_MOST_KEYS], time.monotonic()


def _named(keys: list[Key], kid: str) -> list[Key]:
    return [key for key in keys if not kid or key.get("kid") == kid]
