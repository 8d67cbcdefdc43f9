"""Real programs that stand for other applications; they run on the machine, on loopback, and end with the sandbox."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from juju_sandbox.failures import SandboxError

_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Account:
    """The user a program runs as when we are root and it refuses to be."""

    name: str
    user: int
    group: int

    @classmethod
    def unprivileged(cls) -> "Account | None":
        """None when we are an ordinary user already."""
        if os.getuid():
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                found = pwd.getpwnam(name)
                return cls(name, found.pw_uid, found.pw_gid)
        raise SandboxError("neither of the users postgres and nobody exists to run a server as")


def die_with_parent(stop: int) -> None:
    """Asks Linux to end this process when the sandbox is killed."""
    if sys.platform == "linux":
        _LIBC.prctl(_DEATH_SIGNAL, stop)


class Services:
    """The programs that run, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, tuple[subprocess.Popen[bytes], int]] = {}

    def running(self, name: str) -> bool:
        found = self._running.get(name)
        return found is not None and found[0].poll() is None

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        ready: Callable[[], bool],
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
        stop: int = signal.SIGTERM,
        seconds: float = 30.0,
    ) -> None:
        """Starts a program and waits until it is ready.

        Raises:
            SandboxError: It ended, or was not ready in time; the text has its last words.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd="/",
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(stop),  # noqa: PLW1509 - one prctl, before any thread matters
                user=account.user if account else None,
                group=account.group if account else None,
                extra_groups=[] if account else None,
            )
        self._running[name] = (process, stop)
        deadline = time.monotonic() + seconds
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop(name)
                tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
                raise SandboxError(f"{name} did not start: {' / '.join(tail) or f'see {log}'}")
            time.sleep(0.05)

    def stop(self, name: str) -> None:
        process, how = self._running.pop(name, (None, 0))
        if process and process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self) -> None:
        for name in list(self._running):
            self.stop(name)


def open_to(folder: Path, account: Account | None) -> Path:
    """Makes a folder that the account alone may use."""
    folder.mkdir(parents=True, exist_ok=True)
    if account is None:
        folder.chmod(0o700)
        return folder
    os.chown(folder, account.user, account.group)
    folder.chmod(0o700)
    return folder


def reachable(folder: Path, account: Account) -> bool:
    """Whether an account may walk down to a folder."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        user=account.user,
        group=account.group,
        extra_groups=[],
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
