"""What the courier needs from outside: storage, HTTP, Jsonnet, files, and ways out.

A ``MessageStore`` keeps these promises, on every database:

* A message is claimed by one worker at a time. ``claim`` takes the ``queued`` messages that are due and the
  ``processing`` ones whose lease ran out, oldest first, sets them ``processing`` and leases them to the worker, in one
  statement (``FOR UPDATE SKIP LOCKED`` on PostgreSQL, one guarded ``UPDATE … RETURNING`` on SQLite).
* ``release`` and ``failed`` touch a message only while the worker still leases it; ``sent`` always holds, because the
  mail is out and nobody shall send it again.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from identity_server.courier.message import Dispatch, Message


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` messages to one recipient in any span of ``within``."""

    most: int
    within: timedelta


class MessageStore(Protocol):
    """The queue."""

    async def enqueue(self, messages: Sequence[Message], limits: Sequence[Limit] = ()) -> list[bool]:
        """Stores messages as ``queued`` and due at once.

        Counting and storing are one step per recipient, so that parallel requests cannot pass a limit together
        (an advisory lock on the recipient under PostgreSQL, the one writer of SQLite). Notices and what people ask for
        are counted apart, each against the same limits.

        Returns:
            For each message whether it was stored; False when a limit of its recipient was reached.
        """
        ...

    async def count_recent(self, recipient: str, since: datetime) -> int:
        """How many messages to a recipient were stored at or after a moment, whatever became of them."""
        ...

    async def claim(
        self, limit: int, lease_seconds: float, worker_id: str, skip_channels: Collection[str] = ()
    ) -> list[Message]:
        """Leases up to ``limit`` messages that are due, except those of the channels named.

        Each has one more in ``send_count``, unless the same worker holds it still.
        """
        ...

    async def extend(self, ids: Collection[str], lease_seconds: float, worker_id: str) -> None:
        """Leases messages anew, counted from now, as far as the worker still holds them."""
        ...

    async def sent(self, message_id: str, worker_id: str) -> None:
        """Sets a message ``sent`` and keeps a dispatch of ``success``."""
        ...

    async def failed(
        self, message_id: str, worker_id: str, error: str, retry_at: datetime | None, *, counted: bool = True
    ) -> None:
        """Keeps a dispatch of ``failed``; the message is ``queued`` and due at ``retry_at``, or ``abandoned`` for None.

        Args:
            error: what happened, for the dispatch.
            counted: whether the attempt stays in ``send_count``.
        """
        ...

    async def release(self, ids: Collection[str], worker_id: str) -> None:
        """Puts messages back as ``queued``, due at once, without a dispatch and without counting the attempt."""
        ...

    async def dispatches(self, message_id: str) -> list[Dispatch]:
        """The attempts of a message, the newest first."""
        ...


class HttpReply(Protocol):
    """What an HTTP service answered."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


class HttpClient(Protocol):
    """Sends one request and reads the answer; any exception means that there is none."""

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> HttpReply: ...


class Jsonnet(Protocol):
    """Evaluates a snippet to a JSON value; any exception means that it does not evaluate."""

    async def __call__(self, snippet: str, ext_vars: Mapping[str, object], tla: Mapping[str, object]) -> Any: ...


class Channel(Protocol):
    """A way out."""

    async def send(self, message: Message) -> None:
        """Hands a message over.

        Raises:
            Refused: this message was not taken.
            Unreachable: no message gets through this channel now.
        """
        ...


#: Reads a ``file://``, ``base64://`` or ``http(s)://`` address; any exception means that there is nothing to read, and
#: its words neither hold a password nor what was read.
Reader = Callable[[str], Awaitable[bytes]]
