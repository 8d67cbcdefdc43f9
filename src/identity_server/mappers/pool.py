"""Evaluating Jsonnet in a few worker processes."""

import asyncio
from collections.abc import Mapping
from typing import TypeAlias

import orjson

from identity_server.mappers import worker
from identity_server.mappers.errors import MapperError, Reason
from identity_server.mappers.process import WorkerProcess

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

_MOST_INPUT = 4 * 2**20
#: A worker's memory may fragment over time; a fresh one costs a few hundredths of a second.
_MOST_ANSWERS = 1000
_RAISED = "runtime error: "
_TRACE = "\n    "


class JsonnetPool:
    """Runs snippets that may be wrong, endless or hostile. Processes start when first needed.

    Imports are refused, the stack is limited, and what a snippet costs is the worker's, never the server's. A pool
    belongs to the event loop it is first used on.

    Args:
        max_workers: processes, so snippets at a time.
        timeout: seconds that one evaluation may take.
        memory: bytes of address space of a worker, its own some 30 MiB included.
        output: most bytes of a result.
        patience: seconds that an evaluation may wait for a worker.
    """

    def __init__(
        self,
        max_workers: int = 2,
        timeout: float = 1.0,
        memory: int = 512 * 2**20,
        output: int = 256 * 1024,
        patience: float = 10.0,
    ) -> None:
        self._timeout = timeout
        self._memory = memory
        self._output = output
        self._patience = patience
        self._free = asyncio.Semaphore(max_workers)
        self._idle: list[WorkerProcess] = []

    async def evaluate(
        self, snippet: str, ext_vars: Mapping[str, object] | None = None, tla: Mapping[str, object] | None = None
    ) -> JsonValue:
        """The JSON value of a snippet.

        Args:
            ext_vars: JSON values for ``std.extVar(name)``.
            tla: arguments by name, when the snippet is a function: ``{"ctx": …}`` for ``function(ctx) …``.

        Raises:
            MapperError: there is no value; its ``reason`` says why.
        """
        request = _request(snippet, ext_vars or {}, tla or {}, self._timeout)
        await self._turn()
        try:
            return _value(await self._ask(request))
        finally:
            self._free.release()

    async def close(self) -> None:
        """End the worker processes."""
        while self._idle:
            await self._idle.pop().stop()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise MapperError(Reason.BUSY) from None

    async def _ask(self, request: bytes) -> bytes:
        process = self._ready() or await WorkerProcess.start(self._memory, self._output)
        answer = await process.ask(request, self._timeout)
        if process.answered < _MOST_ANSWERS:
            self._idle.append(process)
        else:
            await process.stop()
        return answer

    def _ready(self) -> WorkerProcess | None:
        while self._idle:
            process = self._idle.pop()
            if not process.is_gone:
                return process
        return None


def _request(snippet: str, ext_vars: Mapping[str, object], tla: Mapping[str, object], seconds: float) -> bytes:
    try:
        ext, top = (
            {name: orjson.dumps(value).decode() for name, value in values.items()} for values in (ext_vars, tla)
        )
        request = orjson.dumps({"snippet": snippet, "ext": ext, "tla": top, "seconds": seconds})
    except TypeError as error:
        raise MapperError(Reason.INPUT, str(error)) from None
    if len(request) > _MOST_INPUT:
        raise MapperError(Reason.INPUT, f"{len(request)} bytes of at most {_MOST_INPUT}")
    return request


def _value(answer: bytes) -> JsonValue:
    kind, text = answer[:1], answer[1:]
    if kind == worker.VALUE:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            raise MapperError(Reason.OUTPUT) from None
    if kind == worker.ERROR:
        detail = text.decode("utf-8", "replace")
        raise MapperError(Reason.SNIPPET, detail, _raised(detail))
    raise MapperError(Reason.OUTPUT if kind == worker.TOO_LARGE else Reason.MEMORY)


def _raised(detail: str) -> str | None:
    return detail.removeprefix(_RAISED).partition(_TRACE)[0] if detail.startswith(_RAISED) else None
