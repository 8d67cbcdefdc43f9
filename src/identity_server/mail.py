"""Builds the courier, and delivers what it was given."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from identity_server.configuration import Configuration, ConfigurationError
from identity_server.configuration.problems import Problem
from identity_server.courier.channels.selection import open_channels
from identity_server.courier.delivery import Settings
from identity_server.courier.go_templates.errors import TemplateSyntaxError
from identity_server.courier.outbox import HOUR, PER_HOUR, Outbox
from identity_server.courier.ports import Channel, Limit
from identity_server.courier.rendering import Renderer
from identity_server.courier.template_sources import TemplateUnreadable, load_templates
from identity_server.courier.worker import Worker
from identity_server.flows import protection
from identity_server.mappers.pool import JsonnetPool
from identity_server.outbound.answers import Answer
from identity_server.outbound.client import OutboundClient
from identity_server.sources import Reader, at_start
from identity_server.storage.courier import CourierMessages
from identity_server.storage.courier_rehearsal import Rehearsal
from identity_server.storage.port import Database
from identity_server.times import Clock

_log = structlog.get_logger("courier")
LOOK_SECONDS = 1.0
RESTART_SECONDS = 1.0
#: Whatever the configuration says: an empty queue is no reason to keep the database busy.
SHORTEST_PULL_SECONDS = 0.05
#: What deliveries under way may still take when the process ends; Pebble kills it after five seconds.
GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Mail:
    """The courier's parts.

    Attributes:
        outbox: where flows put messages.
        rehearsal: where they put messages for addresses that nobody has: nothing is sent, at the same cost.
        channels: the ways out by name; none for ``email`` when no mail server is configured.
    """

    outbox: Outbox
    rehearsal: Outbox
    queue: CourierMessages
    channels: Mapping[str, Channel]
    settings: Settings
    clock: Clock

    def worker(self) -> Worker:
        """A worker that delivers from the queue."""
        return Worker(self.queue, self.channels, self.clock, self.settings)


def build_mail(
    configuration: Configuration, database: Database, outbound: OutboundClient, jsonnet: JsonnetPool, clock: Clock
) -> Mail:
    """The courier as configured; templates are compiled and channels checked.

    Raises:
        ConfigurationError: with the key, or with the template, line and column, that cannot be used.
    """
    courier = configuration.section("courier")

    async def client(method: str, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        return await outbound.request(method, url, headers, content)

    async def evaluate(snippet: str, ext_vars: Mapping[str, object], tla: Mapping[str, object]) -> Any:
        return await jsonnet.evaluate(snippet, ext_vars, tla)

    async def load(read: Reader) -> tuple[Renderer, dict[str, Channel]]:
        templates = await load_templates(courier, read)
        return Renderer(templates), await open_channels(
            courier, reader=read, client=client, jsonnet=evaluate, clock=clock
        )

    try:
        renderer, channels = at_start(configuration, load)
    except (TemplateSyntaxError, TemplateUnreadable, ValueError) as error:
        raise ConfigurationError([Problem("", str(error))]) from error
    except OSError as error:
        what = f"courier.smtp.client_cert_path: cannot be used: {error.strerror or error}"
        raise ConfigurationError([Problem("", what)]) from error
    queue, limits = CourierMessages(database, clock), _limits(configuration)
    rehearsal = Outbox(Rehearsal(database, clock), renderer, clock, limits)
    outbox = Outbox(queue, renderer, clock, limits)
    return Mail(outbox, rehearsal, queue, channels, _settings(configuration), clock)


def _limits(configuration: Configuration) -> Sequence[Limit]:
    """What one recipient gets at most."""
    if not protection.is_on(configuration):
        return ()
    key = "security.brute_force.messages"
    most = configuration.integer(f"{key}.attempts")
    hourly = configuration.get(f"{key}.per_hour") or max(PER_HOUR, most)
    return (Limit(most, configuration.span(f"{key}.window")), Limit(int(hourly), HOUR))


def _settings(configuration: Configuration) -> Settings:
    return Settings(
        retries=configuration.integer("courier.message_retries"),
        pull_count=configuration.integer("courier.worker.pull_count"),
        pull_wait=max(SHORTEST_PULL_SECONDS, configuration.span("courier.worker.pull_wait").total_seconds()),
        grace=GRACE_SECONDS,
    )


async def deliver(current: Callable[[], Mail]) -> None:
    """Delivers until it is cancelled, then ends within ``GRACE_SECONDS``.

    Args:
        current: the courier; when it is another one than before, a new worker takes over.
    """
    while True:
        mail, stop = current(), asyncio.Event()
        working = asyncio.create_task(mail.worker().run(stop))
        try:
            while current() is mail and not working.done():
                await asyncio.wait([working], timeout=LOOK_SECONDS)
        finally:
            stop.set()
            await asyncio.wait([working])
        if error := working.exception():
            _log.error("delivery begins anew", cause=type(error).__name__)
            await asyncio.sleep(RESTART_SECONDS)
