"""The socket between the command line and the running sandbox: one JSON line asks, one answers."""

import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from juju_sandbox.failures import SandboxError, ToolError

SOCKET = "api.socket"


class Server:
    """Answers each connection in a thread of its own."""

    def __init__(self, path: Path, commands: object, questions: object, submit: Any) -> None:
        path.unlink(missing_ok=True)
        self._commands, self._questions, self._submit = commands, questions, submit
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen(32)
        threading.Thread(target=self._serve, name="api", daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, ValueError), connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(json.dumps(self._answer(json.loads(line))).encode() + b"\n")

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, arguments = str(request["do"]), request.get("with") or {}
        try:
            if not name.startswith("_") and hasattr(self._questions, name):
                return {"result": getattr(self._questions, name)(**arguments)}
            if not name.startswith("_") and hasattr(self._commands, name):
                return {"result": self._submit(lambda: getattr(self._commands, name)(**arguments))}
            return {"error": f"the sandbox does not know how to {name}"}
        except (SandboxError, ToolError) as refused:
            return {"error": str(refused)}
        except Exception as error:
            return {"error": f"the sandbox stumbled over {name}: {type(error).__name__}: {error}"}

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Client:
    """One conversation with a running sandbox."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise SandboxError("no sandbox runs here") from None
        self._lines = self._socket.makefile("rb")

    def ask(self, do: str, **arguments: Any) -> Any:
        """Asks one thing.

        Raises:
            SandboxError: It was refused, or the sandbox ended.
        """
        try:
            self._socket.sendall(json.dumps({"do": do, "with": arguments}).encode() + b"\n")
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise SandboxError("the sandbox ended before it answered")
        answer = json.loads(line)
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer["result"]

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
