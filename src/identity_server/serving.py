"""Opens the listeners and closes them again."""

import asyncio
import contextlib
import signal
import socket
from typing import Any

import uvicorn

from identity_server import contract
from identity_server.configuration import Configuration
from identity_server.errors import StorageError
from identity_server.storage import dsn as dsns
from identity_server.storage import readiness
from identity_server.web.application import AdminApplication, Application, PublicApplication
from identity_server.web.runtime import Runtime
from identity_server.wiring import build_runtime

GRACE_SECONDS = int(contract.DRAIN_SECONDS) - 1
KEEP_ALIVE_SECONDS = {"public": 120, "admin": 600}


class Listener(uvicorn.Server):
    """A server whose signals are the process's business."""

    def install_signal_handlers(self) -> None:
        """None of its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """None of its own."""
        yield


def serve(configuration: Configuration, parts: set[str], *, is_embedded: bool = False) -> int:
    """Serves until SIGTERM or SIGINT; the exit status."""
    from identity_server.storage import migrate

    dsn = configuration.text("dsn") or ""
    if isinstance(dsns.parse(dsn), dsns.SqliteDSN) and dsn != "memory":
        migrate.up(dsn)
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(_serve(configuration, parts, is_embedded))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


async def _serve(configuration: Configuration, parts: set[str], is_embedded: bool) -> int:
    runtime = build_runtime(configuration)
    try:
        await refuse_old_database(runtime)
        listeners = {side: listener(side, runtime) for side in ("public", "admin") if side in parts}
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in listeners.values()]
        if is_embedded:
            print(welcome(configuration), flush=True)  # noqa: T201 - what to try, for whoever typed the command
        waiter = asyncio.create_task(stopping.wait())
        await asyncio.wait([waiter, *tasks], return_when=asyncio.FIRST_COMPLETED)
        runtime.draining = True
        for server, _ in listeners.values():
            server.should_exit = True
        await asyncio.gather(*tasks)
        waiter.cancel()
        return 0 if stopping.is_set() else 1
    finally:
        await runtime.services.jsonnet.close()
        await runtime.services.database.close()


async def refuse_old_database(runtime: Runtime) -> None:
    """Raises StorageError when the tables are older than this program."""
    missing = await readiness.behind(runtime.services.database)
    if missing:
        raise StorageError(missing)


def listener(side: str, runtime: Runtime) -> tuple[Listener, socket.socket]:
    """A listener with its socket bound, so that a port in use is known at once."""
    configuration = runtime.services.configuration
    application: Application = PublicApplication(runtime) if side == "public" else AdminApplication(runtime)
    config = uvicorn.Config(
        application,
        http="httptools",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS[side],
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return Listener(config), bound_socket(configuration, side)


def bound_socket(configuration: Configuration, side: str) -> socket.socket:
    """The socket of a listener: TCP, or a Unix socket for ``unix:/path``.

    Raises:
        StorageError: never; OSError becomes a clear exit.
    """
    host = configuration.text(f"serve.{side}.host") or "0.0.0.0"  # noqa: S104 - Kratos' documented default
    port = configuration.integer(f"serve.{side}.port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host.strip("[]"), port))
    except OSError as error:
        sock.close()
        raise StorageError(f"cannot listen on {host}:{port} (serve.{side}): {error.strerror}") from error
    sock.listen(2048)
    sock.setblocking(False)
    return sock


def welcome(configuration: Configuration) -> str:
    """What to try first."""
    public, admin = configuration.public_base_url, configuration.admin_base_url
    return (
        f"The identity server is running, on a database of its own.\n"
        f"  sign up in a browser   {public}self-service/registration/browser\n"
        f"  sign in in a browser   {public}self-service/login/browser\n"
        f"  list identities        curl {admin}admin/identities\n"
        f"  health                 curl {admin}admin/health/ready\n"
        f"Stop it with Ctrl-C."
    )
