import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identity_server.configuration import Configuration, of

ROOT = Path(__file__).parents[3]


def least() -> dict[str, Any]:
    """The least that a configuration must say."""
    return {
        "dsn": "memory",
        "identity": {"schemas": [{"id": "default", "url": "base64://e30="}]},
        "selfservice": {"default_browser_return_url": "https://app.test/"},
    }


@pytest.fixture
def minimal() -> dict[str, Any]:
    return least()


@pytest.fixture
def configure() -> Callable[..., Configuration]:
    """Makes a configuration out of the least one and some sections more."""

    def make(**sections: Any) -> Configuration:
        return of({**least(), **sections})

    return make


@pytest.fixture
def recorded() -> Path:
    """The folder with configurations that were used to record conformance scenarios."""
    folder = Path(os.environ.get("KRATOS_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "configs"
    if not folder.is_dir():
        pytest.skip("the conformance scenarios are not here")
    return folder
