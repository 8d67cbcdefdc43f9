"""What a new password must fulfil."""

from collections.abc import Iterable

from identity_server.passwords.breaches import BreachedPasswords
from identity_server.passwords.common import CommonPasswords
from identity_server.passwords.similarity import is_similar
from identity_server.passwords.violations import Breached, TooLong, TooShort, TooSimilar, Violation


class PasswordPolicy:
    """The rules for passwords that people choose. Imports and sign-in do not ask it.

    Args:
        min_length: bytes.
        similarity: compare with the account's identifiers.
        breached: ask a breach service, when given.
        max_length: bytes; the ``longest`` of the configured hasher.
        common: refuse the passwords everybody tries first, when given.
    """

    def __init__(
        self,
        min_length: int = 8,
        similarity: bool = True,
        breached: BreachedPasswords | None = None,
        *,
        max_length: int | None = None,
        common: CommonPasswords | None = None,
    ) -> None:
        self._min_length = min_length
        self._similarity = similarity
        self._breached = breached
        self._max_length = max_length
        self._common = common

    async def check(self, password: str, identifiers: Iterable[str]) -> list[Violation]:
        """The first rule that the password breaks, or nothing. Nobody is asked about a password that fails already.

        Raises:
            BreachServiceFailed: the breach service gave no answer, and the configuration insists on one.
        """
        violation = self._length(password) or self._likeness(password, identifiers) or await self._notoriety(password)
        return [violation] if violation else []

    def _length(self, password: str) -> Violation | None:
        length = len(password.encode("utf-8", "surrogatepass"))
        if length < self._min_length:
            return TooShort(self._min_length, length)
        if self._max_length is not None and length > self._max_length:
            return TooLong(self._max_length, length)
        return None

    def _likeness(self, password: str, identifiers: Iterable[str]) -> Violation | None:
        if self._similarity and any(is_similar(password, identifier) for identifier in identifiers if identifier):
            return TooSimilar()
        return None

    async def _notoriety(self, password: str) -> Violation | None:
        if self._common is not None and password in self._common:
            return Breached(1)
        breaches = await self._breached.count(password) if self._breached is not None else 0
        return Breached(breaches) if breaches else None
