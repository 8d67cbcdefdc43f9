"""Builds what the sandbox needs beside Python, and compiles the server, so that a first command need not wait."""

import sys

from juju_sandbox.daemon import compile_programs
from juju_sandbox.failures import SandboxError
from juju_sandbox.tools import ensure_tools


def main() -> int:
    try:
        tools = ensure_tools(lambda text: print(text, flush=True))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    compile_programs()
    print(f"Pebble and the hook tools are in {tools.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
