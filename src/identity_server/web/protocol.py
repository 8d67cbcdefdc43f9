"""HTTP/1.1 as uvicorn reads it, with answers of our own and limits on how slow a client may be."""

import asyncio
import sys
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


def _last_answer(status: HTTPStatus) -> bytes:
    """An answer after which the connection ends."""
    text = f"{status.phrase}\n"
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        f"content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}"
    ).encode()


_NOT_ALLOWED = _last_answer(HTTPStatus.METHOD_NOT_ALLOWED)
_TOO_SLOW = _last_answer(HTTPStatus.REQUEST_TIMEOUT)
_TOO_LARGE = _last_answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
#: Bytes of a head, Go's default.
MOST_HEAD = 1024 * 1024
_NOTHING, _HEAD, _BODY = "nothing", "head", "body"
#: A connection that was just accepted may say something for so long after the listener has closed.
_FRESH_SECONDS = 0.25


class Protocol(HttpToolsProtocol):
    """The public listener's side of a connection.

    A method that HTTP does not know is answered with 405; the parser stops at it and would call the request broken.

    Attributes:
        seconds: how long a client may take for a head, and for a body.
        writing_seconds: how long a client may leave an answer unread; the connection is cut then.
    """

    seconds: ClassVar[dict[str, float]] = {_HEAD: 5, _BODY: 15}
    writing_seconds: ClassVar[float] = 60

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._awaited = _HEAD
        self._head_bytes = 0
        self._silent = True
        self._ending = False
        self._reading: tuple[str, asyncio.TimerHandle] | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends all waiting."""
        super().connection_lost(exc)
        self._awaited = _NOTHING
        self._watch()
        self._stop_writing_watch()

    def data_received(self, data: bytes) -> None:
        """Reads on; usually a whole request, so that no time has to be watched."""
        self._silent = False
        super().data_received(data)
        if self._awaited == _HEAD:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD:
                self._end_with(_TOO_LARGE)
        if self._reading is not None or self._awaited != _NOTHING:
            self._watch()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._awaited = _HEAD
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The end of a head."""
        self._awaited, self._head_bytes = _BODY, 0
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The end of a request."""
        self._awaited = _NOTHING
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        self._stop_writing_watch()
        self._writing = self.loop.call_later(self.writing_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        self._stop_writing_watch()

    def shutdown(self) -> None:
        """Ends the connection after the request that has begun, or that may be on its way on a new connection."""
        self._ending = True
        if self._silent:
            self.loop.call_later(_FRESH_SECONDS, self._end_silent)
        elif self._awaited != _HEAD:
            super().shutdown()

    def _end_silent(self) -> None:
        if self._silent:
            self.transport.close()

    def _watch(self) -> None:
        if self._reading is not None:
            awaited, timer = self._reading
            if awaited == self._awaited:
                return
            timer.cancel()
            self._reading = None
        if self._awaited != _NOTHING and not self.transport.is_closing():
            timer = self.loop.call_later(self.seconds[self._awaited], self._end_with, _TOO_SLOW)
            self._reading = (self._awaited, timer)

    def _end_with(self, answer: bytes) -> None:
        if self.transport.is_closing():
            return
        if not (self._awaited == _BODY and self.cycle.response_started):
            self.transport.write(answer)
        self.transport.close()

    def _stop_writing_watch(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def send_400_response(self, msg: str) -> Any:
        """Refuses what the parser could not read."""
        if isinstance(sys.exception(), httptools.HttpParserInvalidMethodError):
            self._awaited = _NOTHING
            self._end_with(_NOT_ALLOWED)
            return
        super().send_400_response(msg)


class AdminProtocol(Protocol):
    """The admin listener's, where bodies may hold a thousand identities."""

    seconds: ClassVar[dict[str, float]] = {_HEAD: 5, _BODY: 30}
    writing_seconds: ClassVar[float] = 120
