"""When a message is tried again, and when a channel is."""

from datetime import timedelta

#: Longest pause between two attempts of one message.
LONGEST = timedelta(minutes=15)
#: Pauses of a channel that cannot be reached. The longest is what mail waits at most after the server's return.
OUTAGE_FIRST = 1.0
OUTAGE_LONGEST = 15.0


def pause_after(attempts: int, pull_wait: float) -> timedelta:
    """How long a message waits after its ``attempts``-th counted attempt.

    The pauses grow by four from ``courier.worker.pull_wait`` on: with a second and five retries they come to more than
    the five minutes for which servers turn unknown senders away at first (greylisting, RFC 6647).
    """
    return min(LONGEST, timedelta(seconds=pull_wait * 4 ** min(max(attempts - 1, 0), 10)))


class Outage:
    """Whether one channel is out of reach, and until when it is left alone. Times are of a monotonic clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    @property
    def known(self) -> bool:
        """Whether the last attempt did not reach the channel."""
        return self._failures > 0

    def lasts(self, now: float) -> bool:
        """Whether it is too early for another attempt."""
        return self.known and now < self._until

    def failed(self, now: float) -> float:
        """Notes an attempt that did not reach the channel; the answer is the pause in seconds.

        Attempts that run side by side fail together and count once.
        """
        if not self.lasts(now):
            self._failures += 1
            self._until = now + min(OUTAGE_LONGEST, OUTAGE_FIRST * 2 ** min(self._failures - 1, 10))
        return self._until - now

    def ended(self) -> None:
        """Notes that the channel answered."""
        self._failures = 0
