"""Answers the hook tools of the one hook that is running."""

import json
import secrets
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools.registry import Answer, answer


class HookServer:
    """Listens for as long as the sandbox runs; refuses calls that carry no running hook's number."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(32)
        self._lock = threading.Lock()
        self._number = ""
        self._context: HookContext | None = None
        threading.Thread(target=self._serve, name="hook tools", daemon=True).start()

    @contextmanager
    def serving(self, context: HookContext) -> Generator[str]:
        """Answers for a hook, whose number the block gets; a tool that outlives its hook is refused."""
        number = secrets.token_hex(16)
        with self._lock:
            self._number, self._context = number, context
        try:
            yield number
        finally:
            with self._lock:
                self._number, self._context = "", None

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, suppress(OSError, ValueError):
                connection.settimeout(30)
                with connection.makefile("rb") as lines:
                    reply = self._answer(json.loads(lines.readline()))
                connection.sendall(json.dumps(asdict(reply)).encode())

    def _answer(self, call: dict[str, Any]) -> Answer:
        with self._lock:
            if self._context is None or not secrets.compare_digest(call["context"], self._number):
                return Answer(stderr="ERROR unknown context id: the hook has ended\n", code=1)
            return answer(self._context, call["tool"], call["args"], call["stdin"], call["files"])

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
