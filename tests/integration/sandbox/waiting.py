"""Waiting for what has to come to be."""

import time
from collections.abc import Callable
from typing import TypeVar

import jubilant

Found = TypeVar("Found")
Check = Callable[[jubilant.Status], bool]


def wait(juju: jubilant.Juju, ready: Check, error: Check | None = None) -> None:
    juju.wait(ready, error=error, delay=0.2, successes=2)


def until(check: Callable[[], Found], seconds: float = 120) -> Found:
    """What a check gives once it holds; a server that is just restarting holds nothing."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := check():
                return found
        except OSError:
            pass
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def settled(status: jubilant.Status) -> bool:
    return jubilant.all_active(status) and jubilant.all_agents_idle(status)
