"""One attempt to deliver one message, and what is noted about it."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from identity_server import times
from identity_server.courier.errors import DeliveryError, Refused, Unreachable
from identity_server.courier.message import Message
from identity_server.courier.pacing import Outage, pause_after
from identity_server.courier.ports import Channel, MessageStore
from identity_server.times import Clock

_log = structlog.get_logger("courier")


@dataclass(frozen=True, slots=True)
class Settings:
    """``courier.message_retries`` and ``courier.worker`` of the configuration, and limits of ours.

    Attributes:
        retries: a message is given up when more attempts than this have failed.
        pull_count: messages claimed at a time.
        pull_wait: seconds between two looks at an empty queue.
        parallel: messages sent at a time, so that one slow mail does not hold up the others.
        lease: seconds after which another worker takes over from one that was killed.
        grace: seconds that deliveries under way have when the worker is stopped.
        patience: how long a message waits for a channel that is out of reach.
    """

    retries: int = 5
    pull_count: int = 10
    pull_wait: float = 1.0
    parallel: int = 5
    lease: float = 20.0
    grace: float = 3.0
    patience: timedelta = timedelta(hours=48)


class Delivery:
    """Delivers messages that a worker has claimed, and remembers which channels are out of reach."""

    def __init__(
        self,
        store: MessageStore,
        channels: Mapping[str, Channel],
        settings: Settings,
        clock: Clock,
        worker_id: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._channels = channels
        self._settings = settings
        self._clock = clock
        self._worker_id = worker_id
        self._monotonic = monotonic
        self._outages: dict[str, Outage] = {}

    def out_of_reach(self) -> Collection[str]:
        """The channels that are left alone for now."""
        return [name for name, outage in self._outages.items() if outage.lasts(self._monotonic())]

    async def deliver(self, message: Message) -> None:
        """Tries once and stores how it went; only storage errors come out of here."""
        if self._outage(message).lasts(self._monotonic()):
            await self._store.release([message.id], self._worker_id)
            return
        try:
            await self._send(message)
        except Unreachable as error:
            await self._unreachable(message, error)
        except DeliveryError as error:
            self._answered(message)
            await self._refused(message, error)
        else:
            self._answered(message)
            await self._store.sent(message.id, self._worker_id)
            _log.info("message sent", **_named(message))

    def _outage(self, message: Message) -> Outage:
        return self._outages.setdefault(message.channel, Outage())

    async def _send(self, message: Message) -> None:
        channel = self._channels.get(message.channel)
        if channel is None:
            # It may be configured later, as when the mail server is related to the charm after the first sign-ups.
            raise Unreachable(f"no channel {message.channel!r} is configured", "no channel")
        try:
            await channel.send(message)
        except DeliveryError:
            raise
        except Exception as error:
            # Whatever else a channel meets is this message's failure: it must not stop the messages after it.
            raise Refused(f"the message cannot be sent ({type(error).__name__})", type(error).__name__) from None

    def _answered(self, message: Message) -> None:
        if self._outage(message).known:
            self._outage(message).ended()
            _log.info("channel answers again", channel=message.channel)

    async def _refused(self, message: Message, error: DeliveryError) -> None:
        attempts = message.send_count
        again = attempts <= self._settings.retries
        pause = pause_after(attempts, self._settings.pull_wait)
        retry_at = self._clock() + pause if again else None
        await self._store.failed(message.id, self._worker_id, error.reason, retry_at)
        event = "message not sent, tried again later" if again else "message abandoned"
        _log.warning(event, **_named(message), attempts=attempts, cause=error.kind)

    async def _unreachable(self, message: Message, error: Unreachable) -> None:
        outage = self._outage(message)
        began = not outage.known
        pause = outage.failed(self._monotonic())
        if self._too_old(message):
            await self._store.failed(message.id, self._worker_id, error.reason, None, counted=False)
            _log.warning("message abandoned", **_named(message), cause=error.kind)
        elif began:
            # One dispatch shows the operator what is wrong; one for each pause would fill the table.
            await self._store.failed(message.id, self._worker_id, error.reason, self._clock(), counted=False)
            _log.warning("channel out of reach", channel=message.channel, cause=error.kind, pause=round(pause, 1))
        else:
            await self._store.release([message.id], self._worker_id)

    def _too_old(self, message: Message) -> bool:
        if not message.created_at:
            return False
        return self._clock() - times.parse(message.created_at) > self._settings.patience


def _named(message: Message) -> dict[str, str]:
    # Never the subject or the body, which hold the code, nor the recipient.
    return {"message_id": message.id, "template_type": message.template_type, "channel": message.channel}
