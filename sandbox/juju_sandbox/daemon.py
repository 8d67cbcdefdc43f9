"""The sandbox's process: ``python -m juju_sandbox.daemon``; it works on the model that the environment names."""

import compileall
import fcntl
import os
import shutil
import signal
import sys

from juju_sandbox.api import SOCKET, Server
from juju_sandbox.commands import Commands, Questions
from juju_sandbox.controller import Controller
from juju_sandbox.failures import SandboxError
from juju_sandbox.places import REPOSITORY, Places
from juju_sandbox.tools import ensure_tools
from juju_sandbox.unit import spaces

#: ``namespaces``, ``plain`` or ``auto``.
ISOLATION_VARIABLE = "KRATOS_SANDBOX_ISOLATION"


def choose_isolation() -> bool:
    """Whether units get namespaces.

    Raises:
        SandboxError: They are asked for and this machine does not allow them, or the word is unknown.
    """
    wanted = os.environ.get(ISOLATION_VARIABLE, "auto")
    if wanted not in ("auto", "namespaces", "plain"):
        raise SandboxError(f"{ISOLATION_VARIABLE} is auto, namespaces or plain, not {wanted}")
    able = wanted != "plain" and spaces.possible()
    if wanted == "namespaces" and not able:
        raise SandboxError("this machine does not allow namespaces to this user; unset KRATOS_SANDBOX_ISOLATION")
    return able


def compile_programs() -> None:
    """Compiles the server and the charm once, because units see the repository read-only and could not keep it."""
    for name in ("src", "lib"):
        compileall.compile_dir(REPOSITORY / name, quiet=2)


def main() -> int:
    """Runs until it is told to stop; exit code 1 when it could not start."""
    os.umask(0o077)
    places = Places.from_environment()
    places.folder.mkdir(parents=True, exist_ok=True)
    with places.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(f"a sandbox already runs on {places.folder}", file=sys.stderr)
            return 1
        compile_programs()
        try:
            controller = Controller(places, ensure_tools(print), isolated=choose_isolation())
        except SandboxError as error:
            print(error, file=sys.stderr)
            return 1
        _serve(controller)
        if controller.destroy_at_end:
            shutil.rmtree(places.folder, ignore_errors=True)
    return 0


def _serve(controller: Controller) -> None:
    signal.signal(signal.SIGTERM, lambda *_: controller.stop())
    signal.signal(signal.SIGINT, lambda *_: controller.stop())
    server = Server(controller.sockets / SOCKET, Commands(controller), Questions(controller), controller.submit)
    try:
        controller.run()
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
