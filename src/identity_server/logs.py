"""Structured logs that never hold anything up.

Lines go through a bounded queue to a thread that writes them: when nobody reads the other end of the pipe, lines are
dropped and counted, and requests go on. Values under names of secrets are replaced before a line is made.
"""

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

#: Lines, and their bytes, that wait for somebody who reads them.
MOST_LINES = 10_000
MOST_BYTES = 1024 * 1024
LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "panic": logging.CRITICAL,
}
#: Parts of names whose values never reach a log.
SECRET_NAMES = (
    "password",
    "secret",
    "token",
    "code",
    "cookie",
    "authorization",
    "csrf",
    "dsn",
    "subject",
    "body",
    "key",
)
#: Names that hold such a part and no secret.
HARMLESS = frozenset({"status_code", "error_code", "event_key", "message_key"})


#: Libraries whose everyday remarks are nobody's business.
CHATTY = ("alembic", "httpcore2", "httpx2", "uvicorn")


class Writer:
    """Writes lines to a file descriptor from a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._wake = threading.Condition()
        self._dropped = 0
        self._thread: threading.Thread | None = None

    def write(self, line: bytes) -> None:
        """Queues a line; drops it when too many wait."""
        with self._wake:
            if len(self._lines) >= MOST_LINES or self._size >= MOST_BYTES:
                self._dropped += 1
                return
            self._lines.append(line)
            self._size += len(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._lines:
                    self._wake.wait()
                lines = list(self._lines)
                self._lines.clear()
                self._size = 0
                dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(orjson.dumps({"level": "warning", "event": "log lines were dropped", "count": dropped}))
            try:
                _write_all(self._descriptor, b"\n".join(lines) + b"\n")
            except OSError:
                return

    def flush(self, seconds: float = 0.5) -> None:
        """Waits for queued lines, but not for long."""
        waited = threading.Event()
        for _ in range(int(seconds / 0.01)):
            if not self._lines:
                return
            waited.wait(0.01)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


class Redactor:
    """Replaces values under names of secrets."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A processor of structlog."""
        for name in event:
            lowered = name.lower()
            if lowered not in HARMLESS and any(part in lowered for part in SECRET_NAMES):
                event[name] = self._text
        return event


class _Lines:
    """What structlog hands finished lines to."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def msg(self, line: bytes | str) -> None:
        """Takes a line."""
        self._writer.write(line if isinstance(line, bytes) else line.encode("utf-8", "backslashreplace"))

    debug = info = warning = error = critical = exception = log = msg


class _Forward(logging.Handler):
    """Hands records of the standard library's loggers to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger().bind(source=record.name)
        exc_info = record.exc_info if record.exc_info and record.exc_info[0] else None
        logger.log(record.levelno, record.getMessage(), exc_info=exc_info)


def configure(level: str = "info", form: str | None = None, redaction: str | None = None) -> Writer:
    """Sets up all logging of the process.

    Args:
        level: a level in Kratos' words.
        form: ``json`` or ``text``; None means text on a terminal and JSON elsewhere.
        redaction: stands for what is left out.
    """
    writer = Writer(sys.stderr.fileno())
    as_text = form == "text" or (form is None and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if as_text
        else structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str))
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            Redactor(redaction if redaction is not None else "[redacted]"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: _Lines(writer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=max(LEVELS[level], logging.INFO), force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    return writer
