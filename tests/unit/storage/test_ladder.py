"""How waits grow."""

from datetime import timedelta

import pytest

from identity_server.storage.attempts import Ladder

SECOND = timedelta(seconds=1)
LADDER = Ladder(free=10, first=SECOND, longest=timedelta(minutes=15), forget=timedelta(hours=12))


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 0), (9, 0), (10, 1), (11, 2), (12, 4), (19, 512), (20, 900), (1000, 900)]
)
def test_the_wait_doubles_up_to_a_limit(attempts: int, seconds: int) -> None:
    assert LADDER.wait(attempts) == seconds * SECOND
