"""Runs the listeners, follows changes of the configuration, and ends within the time that Pebble grants."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from identity_server import contract, listeners
from identity_server.cleaning import keep_clean
from identity_server.clocks import SteadyClock
from identity_server.configuration import Configuration
from identity_server.configuration.reload import Watcher, watch
from identity_server.errors import StorageError
from identity_server.hooks.telling import keep_telling
from identity_server.resealing import keep_sealed
from identity_server.storage import dsn as dsns
from identity_server.storage import migrate, readiness, sqlite
from identity_server.web.application import AdminApplication, PublicApplication
from identity_server.web.runtime import Runtime
from identity_server.wiring import build_runtime, rebuild

log = structlog.get_logger("serve")
LOOK_SECONDS = 1.0
#: Connections are accepted for so long after SIGTERM: balancers need a moment to hear that this server is not ready.
LAME_DUCK_SECONDS = 0.5


@dataclass
class Stop:
    """Set by SIGTERM and SIGINT; SIGHUP asks for a look at the configuration."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    reload: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self) -> None:
        """Installs the handlers."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.asked.set)
        loop.add_signal_handler(signal.SIGHUP, self.reload.set)

    async def next_look(self) -> bool:
        """Waits a second, or for SIGHUP; whether it was the signal."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self.reload.wait()
        except TimeoutError:
            return False
        self.reload.clear()
        return True


@dataclass(frozen=True)
class Start:
    """What a server starts with.

    Attributes:
        files: configuration files to watch.
        load: reads the configuration anew.
        parts: ``public``, ``admin`` or both.
        welcome: printed once the server answers.
    """

    configuration: Configuration
    files: list[str]
    load: Callable[[], Configuration]
    parts: set[str]
    welcome: str = ""


def serve(start: Start) -> int:
    """Serves until SIGTERM or SIGINT; the exit status.

    Raises:
        StorageError: when the database is behind or an address is taken.
    """
    prepare_database(start.configuration)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_serve(start))


def new_loop() -> asyncio.AbstractEventLoop:
    """uvloop: about twice as fast as asyncio's own."""
    import uvloop

    return uvloop.new_event_loop()


def prepare_database(configuration: Configuration) -> None:
    """Embedded databases are migrated by whoever opens them."""
    dsn = configuration.text("dsn") or ""
    parsed = dsns.parse(dsn)
    if not isinstance(parsed, dsns.SqliteDSN) or parsed.path is None or parsed.read_only:
        return
    sqlite.refuse_unusable(parsed.path)
    if not migrate.is_current(parsed.path):
        migrate.up(dsn)


async def open_database(runtime: Runtime) -> None:
    """Makes the tables of a database in memory; refuses one that is behind.

    Raises:
        StorageError: when the tables are older than this program; the text says how to mend it.
    """
    database = runtime.services.database
    if dsns.parse(runtime.services.configuration.text("dsn") or "") == dsns.SqliteDSN(None):
        await migrate.up_in_memory(database)
    missing = await readiness.behind(database)
    if missing:
        raise StorageError(missing)
    if version := await readiness.ahead(database):
        log.warning("a newer server made the tables; this one works on them too", database=version)


async def _serve(start: Start) -> int:
    clock = SteadyClock()
    runtime = build_runtime(start.configuration, clock=clock)
    stop, end = Stop(), 0.0
    try:
        await open_database(runtime)
        await clock.ask(runtime.services.database)
        applications = {"public": PublicApplication(runtime), "admin": AdminApplication(runtime)}
        opened = [
            listeners.open_listener(side, applications[side], start.configuration)
            for side in applications
            if side in start.parts
        ]
        stop.listen()
        tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in opened]
        following = [
            asyncio.create_task(work)
            for work in (
                follow(start, runtime, stop),
                clock.follow(runtime.services.database),
                keep_sealed(runtime),
                keep_telling(lambda: runtime.services),
                keep_clean(runtime),
            )
        ]
        courier = runtime.start_courier()
        log.info("serving", parts=sorted(start.parts), public=start.configuration.public_base_url)
        if start.welcome:
            print(start.welcome, flush=True)  # noqa: T201 - what to try, for whoever typed the command
        asked = asyncio.create_task(stop.asked.wait())
        await asyncio.wait([asked, *tasks], return_when=asyncio.FIRST_COMPLETED)
        end = asyncio.get_running_loop().time() + contract.DRAIN_SECONDS
        runtime.draining = True
        for task in following:
            task.cancel()
        await asyncio.gather(
            drain([server for server, _ in opened]), runtime.stop_courier(courier), asyncio.wait(tasks)
        )
        asked.cancel()
        return 0 if stop.asked.is_set() else 1
    finally:
        await runtime.close(max(0.0, end - asyncio.get_running_loop().time()))


async def drain(servers: list[listeners.Listener]) -> None:
    """Says for a moment that this server is not ready, then accepts nothing more and finishes what it has."""
    await asyncio.sleep(LAME_DUCK_SECONDS)
    for server in servers:
        server.should_exit = True


async def follow(start: Start, runtime: Runtime, stop: Stop) -> None:
    """Takes changed configurations into use, without a restart and without dropping a request."""

    async def changed(configuration: Configuration) -> None:
        try:
            await rebuild(runtime, configuration)
        except Exception as error:
            log.error("the new configuration cannot be used, the old one stays in use", error=str(error))
        else:
            log.info("the new configuration is in use", fingerprint=configuration.fingerprint())

    watcher = Watcher(start.files, start.load, start.configuration)
    await watch(watcher, stop.next_look, changed, lambda line: log.error(line))


def welcome(configuration: Configuration) -> str:
    """What to try first with an embedded server."""
    public, admin = configuration.public_base_url, configuration.admin_base_url
    return (
        "The identity server is running on a database of its own.\n\n"
        f"  sign up, in a browser    {public}self-service/registration/browser\n"
        f"  sign in, in a browser    {public}self-service/login/browser\n"
        f"  list the identities      curl {admin}admin/identities\n"
        f"  is it well?              curl {admin}{contract.READY_PATH.lstrip('/')}\n\n"
        "Ctrl-C ends it."
    )
