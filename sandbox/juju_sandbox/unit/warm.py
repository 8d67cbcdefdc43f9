"""A Python interpreter that waits for dispatches with the charm's libraries already imported.

Importing ops, pydantic and the like costs half a second each time. This process imports them once and forks for
every dispatch; the child gets the hook's environment and runs the charm's program as a fresh interpreter would.
Nothing of the charm's own code is imported before the fork, so a refreshed charm is the new one.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import socket
import sys
from pathlib import Path

LIBRARIES = (
    *("ops", "ops_tracing", "pydantic", "requests", "jsonschema", "jinja2", "yaml", "lightkube"),
    *("cosl", "charmlibs.interfaces.tracing", "charmlibs.interfaces.certificate_transfer", "email_validator"),
)
PROGRAM = "src/charm.py"


def wait_for_dispatch(number: int) -> dict[str, str] | None:
    """Serves dispatches; in each forked child, returns the hook's environment, and None when all is over."""
    with socket.socket(fileno=number) as stream, stream.makefile("rb") as lines:
        for line in lines:
            child = os.fork()
            if not child:
                return json.loads(line)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            stream.sendall(f"{code}\n".encode())
    return None


def main(number: int) -> None:
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    environment = wait_for_dispatch(number)
    if environment is None:
        return
    os.environ.clear()
    os.environ.update(environment)
    if "KRATOS_SANDBOX_VIEW" in environment:
        from juju_sandbox.unit import plain_charm

        plain_charm.install()
    importlib.invalidate_caches()
    sys.argv = [PROGRAM]
    sys.path[0] = str(Path(PROGRAM).parent.absolute())
    runpy.run_path(PROGRAM, run_name="__main__")


if __name__ == "__main__":
    main(int(sys.argv[1]))
