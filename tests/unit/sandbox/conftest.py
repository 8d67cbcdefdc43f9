from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.sandbox.playground import Playground


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Playground]:
    made = Playground(tmp_path)
    yield made
    made.store.close()
