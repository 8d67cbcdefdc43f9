"""Hashing off the event loop."""

import logging
import os

from identity_server.passwords.errors import HashError
from identity_server.passwords.formats.pieces import Hash
from identity_server.passwords.hashers import Hasher, needs_rehash
from identity_server.passwords.hashes import parse
from identity_server.passwords.limits import MAX_PASSWORD_BYTES
from identity_server.passwords.workers import Workers

_log = logging.getLogger(__name__)


class HashingPool:
    """Hashes and compares passwords in threads of low priority, as many as there are processors.

    Every coroutine raises PoolBusy when too many passwords wait already.

    Args:
        hasher: what new hashes are made with.
        workers: threads; the processors by default.
        queue: passwords that may wait.
    """

    def __init__(self, hasher: Hasher, workers: int | None = None, queue: int = 64) -> None:
        self.hasher = hasher
        self._workers = Workers(workers or _processors(), queue)

    def parse(self, text: str) -> Hash:
        """Check a hash text for import, with bounds that admit whatever the configured hasher writes.

        Raises:
            UnsupportedHash: no known format, or broken.
            HashTooCostly: a cost parameter above its limit.
        """
        return parse(text, self.hasher.limits)

    def needs_rehash(self, text: str) -> bool:
        """Whether a password that just matched should be hashed anew: its algorithm is not the configured one."""
        return needs_rehash(self.hasher, text)

    async def hash(self, password: str) -> str:
        """The hash text of a new password.

        Raises:
            PasswordTooLong: more bytes than the hasher can take.
        """
        octets = _octets(password)
        return await self._workers.run(lambda: self.hasher.hash(octets))

    async def verify(self, text: str, password: str) -> bool:
        """Whether the hash was made from this password. A hash nobody can read matches nothing, and costs the same."""
        octets = _octets(password)
        try:
            known = self.parse(text)
        except HashError as error:
            _log.error("a stored password hash cannot be checked: %s", error)
            return await self.dummy_verify(password)
        matched = await self._workers.run(lambda: known.matches(octets[:MAX_PASSWORD_BYTES]))
        return matched and len(octets) <= MAX_PASSWORD_BYTES

    async def dummy_verify(self, password: str) -> bool:
        """Spend what comparing with a hash of the configured kind and cost would, and answer False.

        Whoever times the answers must not learn which identifiers exist.
        """
        octets = _octets(password)[: self.hasher.longest]
        await self._workers.run(lambda: self.hasher.hash(octets))
        return False


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
