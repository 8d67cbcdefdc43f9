"""One worker process, seen from the server."""

import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable
from pathlib import Path

from identity_server.mappers import worker
from identity_server.mappers.errors import MapperError, Reason
from identity_server.mappers.worker import HEADER

_START_SECONDS = 20
_END_SECONDS = 5
_ENDED_BY: dict[int, Reason] = {signal.SIGXCPU: Reason.TIMEOUT, signal.SIGABRT: Reason.MEMORY}


class WorkerProcess:
    """A process that evaluates one request at a time. After any error but the worker's own answer it is dead."""

    def __init__(self, process: Process, most_frame: int) -> None:
        self._process = process
        self._most_frame = most_frame
        self.answered = 0

    @classmethod
    async def start(cls, memory: int, most_output: int) -> "WorkerProcess":
        """A worker that is ready for its first request.

        Raises:
            MapperError: it did not come up.
        """
        process = await asyncio.create_subprocess_exec(
            *_command(memory, most_output),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
        started = cls(process, most_output + 1)
        if await started._guarded(started._receive(), _START_SECONDS) != worker.READY:
            await started.stop()
            raise MapperError(Reason.CRASH, "the worker did not start")
        return started

    @property
    def is_gone(self) -> bool:
        """Whether the process ended by itself or was killed while it had nothing to do."""
        return self._process.returncode is not None

    async def ask(self, request: bytes, seconds: float) -> bytes:
        """The worker's answer to a request.

        Raises:
            MapperError: it took longer than ``seconds``, or its process ended.
        """
        self.answered += 1
        return await self._guarded(self._exchange(request), seconds)

    async def stop(self) -> None:
        """End the process and wait until it is gone."""
        self._kill()
        await asyncio.shield(self._process.wait())

    def _kill(self) -> None:
        """By the system's call: Popen's would reap a process that just ended behind asyncio's back, its status lost."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def _exchange(self, request: bytes) -> bytes:
        assert self._process.stdin is not None
        self._process.stdin.write(HEADER.pack(len(request)) + request)
        await self._process.stdin.drain()
        return await self._receive()

    async def _receive(self) -> bytes:
        assert self._process.stdout is not None
        (length,) = HEADER.unpack(await self._process.stdout.readexactly(HEADER.size))
        if length > self._most_frame:
            raise MapperError(Reason.OUTPUT)
        return await self._process.stdout.readexactly(length)

    async def _guarded(self, work: Awaitable[bytes], seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            await self.stop()
            raise MapperError(Reason.TIMEOUT) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise MapperError(await self._why_ended()) from None
        except BaseException:
            await self.stop()
            raise

    async def _why_ended(self) -> Reason:
        try:
            async with asyncio.timeout(_END_SECONDS):
                status = await self._process.wait()
        except BaseException:
            await self.stop()
            raise
        return _ENDED_BY.get(-status, Reason.CRASH)


def _command(memory: int, most_output: int) -> list[str]:
    found = importlib.util.find_spec("rjsonnet")
    if found is None or found.origin is None:
        raise MapperError(Reason.CRASH, "the package rjsonnet is not installed")
    folder = Path(found.origin).parent.parent
    return [sys.executable, "-I", "-S", worker.__file__, str(folder), str(memory), str(most_output)]


def _environment() -> dict[str, str]:
    """Nothing of the server's: its environment may hold the database's address and other secrets."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
