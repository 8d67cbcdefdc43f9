"""What the process does around its work."""

import gc
from collections.abc import Iterator

import pytest

from identity_server.server_process import lasting


@pytest.fixture(autouse=True)
def _searched_again() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_what_lasts_is_not_searched_for_garbage_and_all_that_follows_is() -> None:
    before = gc.get_freeze_count()
    with lasting():
        assert not gc.isenabled()
        made = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_a_start_that_fails_leaves_the_search_on() -> None:
    with pytest.raises(ImportError), lasting():
        raise ImportError("no such module")
    assert gc.isenabled()
