"""The process that only delivers messages: ``kratos courier watch``."""

import asyncio
import signal
from contextlib import AsyncExitStack

import structlog

from identity_server.clocks import SteadyClock
from identity_server.configuration import Configuration
from identity_server.courier_metrics import open_metrics
from identity_server.errors import StorageError
from identity_server.mail import Mail, build_mail, deliver
from identity_server.mappers.pool import JsonnetPool
from identity_server.serving import new_loop, prepare_database
from identity_server.sources import build_outbound
from identity_server.storage import dsn as dsns
from identity_server.storage import readiness
from identity_server.storage.opening import open_database
from identity_server.storage.port import Database
from identity_server.times import Clock

_log = structlog.get_logger("courier")


def watch(configuration: Configuration, metrics_port: int) -> int:
    """Delivers until SIGTERM or SIGINT; the exit status.

    Args:
        metrics_port: where ``/metrics/prometheus`` answers; 0 for nowhere.

    Raises:
        ConfigurationError: when a template or a way out cannot be used.
        StorageError: when the database is behind, or the port is taken.
    """
    if dsns.parse(configuration.text("dsn") or "") == dsns.SqliteDSN(None):
        raise StorageError("a database in memory belongs to the process that serves; run it with --watch-courier")
    prepare_database(configuration)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_watch(configuration, metrics_port))


async def _watch(configuration: Configuration, metrics_port: int) -> int:
    async with AsyncExitStack() as stack:
        database = open_database(configuration.text("dsn") or "")
        stack.push_async_callback(database.close)
        clock = SteadyClock()
        mail = _build(configuration, database, stack, clock)
        if missing := await readiness.behind(database):
            raise StorageError(missing)
        await clock.ask(database)
        if metrics_port:
            await stack.enter_async_context(open_metrics(database, clock, metrics_port))
        asked = _asked_to_end()
        working = asyncio.create_task(deliver(lambda: mail))
        following = asyncio.create_task(clock.follow(database))
        _log.info("delivering", channels=sorted(mail.channels))
        await asked.wait()
        following.cancel()
        working.cancel()
        await asyncio.wait([working])
    return 0


def _build(configuration: Configuration, database: Database, stack: AsyncExitStack, clock: Clock) -> Mail:
    outbound, jsonnet = build_outbound(configuration), JsonnetPool()
    stack.push_async_callback(outbound.close)
    stack.push_async_callback(jsonnet.close)
    return build_mail(configuration, database, outbound, jsonnet, clock)


def _asked_to_end() -> asyncio.Event:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked
