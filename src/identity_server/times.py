"""Time as the server stores and shows it: RFC 3339 in UTC with six digits, so that text sorts as time does."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: ``2026-11-21T09:30:00.000000Z``
Timestamp = str

#: What Kratos shows for a time that was never set.
NEVER = "0001-01-01T00:00:00Z"

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The current time in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def text(moment: datetime) -> Timestamp:
    """The stored form of a moment."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse(stamp: str) -> datetime:
    """The moment of any RFC 3339 text.

    Raises:
        ValueError: when the text is no such time.
    """
    moment = datetime.fromisoformat(stamp)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def after(stamp: Timestamp, span: timedelta) -> Timestamp:
    """The time that lies ``span`` after another."""
    return text(parse(stamp) + span)


def seconds_between(earlier: Timestamp, later: Timestamp) -> float:
    """Seconds from one time to another; negative when they come the other way round."""
    return (parse(later) - parse(earlier)).total_seconds()
