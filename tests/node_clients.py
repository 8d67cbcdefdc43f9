"""Kratos' own client for JavaScript, in a process of node that tests talk to."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("node_clients")
CACHE = Path(__file__).parents[1] / ".cache" / "node_clients"
_SECONDS = 180


@dataclass(frozen=True)
class Reply:
    """What the server answered, as the client parsed it.

    Attributes:
        data: the body.
        headers: in lower case.
    """

    status: int
    data: Any
    headers: dict[str, Any]


@dataclass
class NodeClient:
    """A running client."""

    process: subprocess.Popen[str]

    def call(self, base: str, api: str, method: str, /, **parameters: Any) -> Reply:
        """Calls one method.

        Args:
            base: the listener's address.
            api: the client's class, such as ``FrontendApi``.
            parameters: in the client's own names, such as ``updateLoginFlowBody``.

        Raises:
            AssertionError: when the client lacks the method, refuses its parameters, or gets no answer.
        """
        asked = {"api": api, "basePath": base.rstrip("/"), "method": method, "parameters": parameters}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "node has ended"
        answer = json.loads(line)
        assert "fault" not in answer, answer
        return Reply(answer["status"], answer.get("data"), answer["headers"])


@cache
def missing() -> str:
    """Why the client cannot be had; nothing when it can. It is installed into ``.cache`` once."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not installed (apt-get install nodejs npm)"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers may want it at once
        return _installed()


def _installed() -> str:
    wanted = (SOURCE / "package-lock.json").read_bytes()
    done = CACHE / "installed"
    for name in ("package.json", "package-lock.json", "driver.mjs"):
        shutil.copy(SOURCE / name, CACHE / name)
    if done.exists() and done.read_bytes() == wanted:
        return ""
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        ended = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"npm ci did not end within {_SECONDS} s"
    if ended.returncode:
        return f"npm ci failed: {ended.stderr.strip()[-300:]}"
    done.write_bytes(wanted)
    return ""


@contextmanager
def running() -> Iterator[NodeClient]:
    """A client in a process of its own, ended with the block."""
    command = ["node", "driver.mjs"]
    with subprocess.Popen(command, cwd=CACHE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield NodeClient(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
