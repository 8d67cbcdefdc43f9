"""A PostgreSQL server of the tests' own, on loopback, gone when they are.

``initdb`` refuses to run as root, so as root the server runs as the user ``postgres`` of Debian's package.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Says where the server of an outer run listens, so that every worker uses the same.
SHARED = "KRATOS_TEST_POSTGRES"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


def missing() -> str:
    """Why no server can be started; nothing when one can."""
    if programs() is None:
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if os.getuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


def _as_owner(command: list[str]) -> list[str]:
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command] if os.getuid() == 0 else command
    )


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """A running server; the DSN has no database at its end."""
    if os.environ.get(SHARED):
        yield os.environ[SHARED]
        return
    bin_folder = programs()
    assert bin_folder is not None, missing()
    folder = Path(tempfile.mkdtemp(prefix="kratos-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", _free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    control = str(bin_folder / "pg_ctl")
    subprocess.run(
        _as_owner([str(bin_folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "kratos", "--locale=C.UTF-8"]),
        **quiet,
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off -c max_connections=300"
    subprocess.run(
        _as_owner([control, "-D", str(data), "-o", options, "-w", "-l", str(folder / "log"), "start"]), **quiet
    )
    try:
        yield f"postgres://kratos@127.0.0.1:{port}/"
    finally:
        subprocess.run(_as_owner([control, "-D", str(data), "-m", "immediate", "stop"]), **{**quiet, "check": False})
        shutil.rmtree(folder, ignore_errors=True)
