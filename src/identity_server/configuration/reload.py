"""Keeps up with changed configuration files.

What a listener is made of cannot change while it runs: those keys keep their value until the next start.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from identity_server.configuration import tree
from identity_server.configuration.loading import replaced
from identity_server.configuration.problems import ConfigurationError
from identity_server.configuration.values import Configuration

_ABSENT: Any = object()


@dataclass
class Outcome:
    """What a look at the files brought.

    Attributes:
        configuration: the new one; None when nothing changed, or when it is not usable.
        error: why it is not usable.
        waiting: changed keys that wait for a restart.
    """

    configuration: Configuration | None = None
    error: ConfigurationError | None = None
    waiting: tuple[str, ...] = ()


@dataclass
class Watcher:
    """Looks whether files have changed, and loads them anew.

    Attributes:
        files: the files to look at.
        load: loads them, with environment and flags as at the start.
        current: the configuration in use.
    """

    files: Sequence[str]
    load: Callable[[], Configuration]
    current: Configuration
    _seen: str = field(default="", init=False)
    _stamp: tuple[Any, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._stamp, self._seen = self._stamps(), self._contents()

    def look(self, *, force: bool = False) -> Outcome:
        """One look; ``force`` loads whether or not a file has changed (SIGHUP)."""
        if not force and not self._changed():
            return Outcome()
        try:
            found = self.load()
            found, waiting = keep_immutable(self.current, found)
        except ConfigurationError as error:
            return Outcome(error=error)
        if found.fingerprint() == self.current.fingerprint():
            return Outcome(waiting=waiting)
        self.current = found
        return Outcome(configuration=found, waiting=waiting)

    def _changed(self) -> bool:
        """Time stamps first, which are cheap; then contents, which do not lie."""
        stamp = self._stamps()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        before, self._seen = self._seen, self._contents()
        return before != self._seen

    def _stamps(self) -> tuple[Any, ...]:
        found: list[Any] = []
        for file in self.files:
            try:
                state = os.stat(file)
                found.append((state.st_mtime_ns, state.st_size, state.st_ino, state.st_dev))
            except OSError as error:
                found.append(error.errno)
        return tuple(found)

    def _contents(self) -> str:
        digest = sha256()
        for file in self.files:
            try:
                with open(file, "rb") as stream:
                    digest.update(sha256(stream.read()).digest())
            except OSError:
                digest.update(b"missing")
        return digest.hexdigest()


async def watch(
    watcher: Watcher,
    pause: Callable[[], Awaitable[bool]],
    changed: Callable[[Configuration], Awaitable[None]],
    log: Callable[[str], None],
) -> None:
    """Looks again and again, for as long as the task runs.

    Args:
        watcher: what to look at.
        pause: waits until the next look; true when a signal asks for a reload.
        changed: takes the new configuration into use.
        log: takes one line when a new configuration is refused, or waits for a restart.
    """
    while True:
        outcome = watcher.look(force=await pause())
        if outcome.error is not None:
            log(f"The new configuration is refused, the old one stays in use: {outcome.error}")
        if outcome.waiting:
            log(f"Changed keys that need a restart: {', '.join(outcome.waiting)}")
        if outcome.configuration is not None:
            await changed(outcome.configuration)


def keep_immutable(old: Configuration, new: Configuration) -> tuple[Configuration, tuple[str, ...]]:
    """The new configuration with the old values of keys that need a restart, and the names of those keys."""
    before, after = _immutable(old.given()), _immutable(new.given())
    names = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if not names:
        return new, ()
    changes = {key: before.get(key) for key in names}
    return replaced(new, changes, source="the start of the server"), tuple(names)


def _immutable(values: dict[str, Any], path: tree.Path = ()) -> dict[str, Any]:
    """Immutable leaves by dotted key; lists count as leaves."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        key = (*path, name)
        if isinstance(value, dict):
            found.update(_immutable(value, key))
        elif tree.is_immutable(key):
            found[".".join(key)] = value
    return found
