"""Small servers of the sandbox's own: they take what is sent to an application, and keep it to be looked at."""

import asyncio
import contextlib
import email
import email.policy
import gzip
import http.server
import socketserver
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

MOST_KEPT = 1000
MOST_BYTES = 4 << 20
#: How soon a server notices that it shall end.
POLL_SECONDS = 0.05
ANSWERS = {
    "EHLO": b"250-sandbox\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
    "AUTH": b"235 welcome",
    "QUIT": b"221 bye",
}


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    body: bytes


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    kept: "deque[Received]"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.kept.append(Received(self.path, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed; what came is kept."""


class HttpSink:
    """Answers every POST with 204 and keeps its body."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.kept = deque(maxlen=MOST_KEPT)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), name="sink", daemon=True).start()

    @property
    def received(self) -> list[Received]:
        return list(self._server.kept)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Letter:
    """One message as it was handed over."""

    sender: str = ""
    recipients: list[str] = field(default_factory=list[str])
    data: bytes = b""

    @property
    def subject(self) -> str:
        return str(email.message_from_bytes(self.data, policy=email.policy.default)["subject"] or "")

    @property
    def text(self) -> str:
        """The plain part, or what there is."""
        message = email.message_from_bytes(self.data, policy=email.policy.default)
        part = message.get_body(("plain", "html"))
        return str(part.get_content()).replace("\r\n", "\n").strip() if part else ""


class SmtpSink:
    """Accepts every message over plain SMTP, with any user and password, and delivers none."""

    def __init__(self) -> None:
        self.letters: deque[Letter] = deque(maxlen=MOST_KEPT)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smtp sink", daemon=True)
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = started.result(timeout=10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _run(self) -> None:
        self._loop.run_forever()
        self._server.close()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        letter, verb = Letter(), ""
        writer.write(b"220 sandbox ESMTP\r\n")
        with contextlib.suppress(OSError, ValueError):
            while verb != "QUIT" and (line := await reader.readline()):
                verb, _, rest = line.decode(errors="replace").strip().partition(" ")
                verb = verb.upper()
                if verb == "MAIL":
                    letter = Letter(sender=_address(rest))
                elif verb == "RCPT":
                    letter.recipients.append(_address(rest))
                elif verb == "DATA":
                    writer.write(b"354 go ahead\r\n")
                    letter.data = await _text(reader)
                    self.letters.append(letter)
                writer.write(ANSWERS.get(verb, b"250 ok") + b"\r\n")
                await writer.drain()
        writer.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)


async def _text(reader: asyncio.StreamReader) -> bytes:
    """What follows DATA, without the dots that SMTP doubles (RFC 5321, 4.5.2)."""
    lines: list[bytes] = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)


def _address(rest: str) -> str:
    """``FROM:<a@b> SIZE=1`` → ``a@b``."""
    return rest.partition("<")[2].partition(">")[0]
