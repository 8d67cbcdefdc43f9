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


class Cluster:
    """A server that can be stopped, as a crash would, and started again.

    Attributes:
        dsn: without a database at its end; there is one called ``postgres``.
        port: on loopback.
    """

    def __init__(self, folder: Path, durable: bool = False) -> None:
        bin_folder = programs()
        assert bin_folder is not None, missing()
        self._bin, self._folder, self._data = bin_folder, folder, folder / "data"
        self.port = _free_port()
        self._durable = durable
        self.dsn = f"postgres://kratos@127.0.0.1:{self.port}/"
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        options = ["-A", "trust", "-U", "kratos", "--locale=C.UTF-8"]
        self._run("initdb", "-D", str(self._data), *options)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        subprocess.run(
            _as_owner([str(self._bin / program), *arguments]),
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )

    def start(self) -> None:
        """Starts it and waits until it answers."""
        fsync = "on" if self._durable else "off"
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c fsync={fsync}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-o", f"{options} -c max_connections=300", "-w", "-l", log, "start")

    def stop(self) -> None:
        """Ends it at once: connections are cut, and the next start recovers from the log."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "stop", check=False)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A server of the caller's own, started."""
    folder = Path(tempfile.mkdtemp(prefix="kratos-postgres-"))
    made = Cluster(folder, durable)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """A running server that all tests share; the DSN has no database at its end."""
    if os.environ.get(SHARED):
        yield os.environ[SHARED]
        return
    with cluster() as made:
        yield made.dsn
