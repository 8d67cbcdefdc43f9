"""A model on Kubernetes, for as long as the tests run. Without one they are skipped, and say why."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import jubilant
import pytest


@pytest.fixture(scope="session")
def charm() -> Path:
    """The packed charm that ``CHARM_PATH`` names."""
    path = os.environ.get("CHARM_PATH", "")
    if not path:
        pytest.skip("CHARM_PATH names no packed charm")
    return Path(path).resolve()


@pytest.fixture(scope="session")
def image() -> str:
    """The image with the server, as ``WORKLOAD_IMAGE`` names it."""
    found = os.environ.get("WORKLOAD_IMAGE", "")
    if not found:
        pytest.skip("WORKLOAD_IMAGE names no image of the server")
    return found


@pytest.fixture(scope="module")
def juju(charm: Path) -> Iterator[jubilant.Juju]:
    """A model of its own."""
    if not shutil.which("juju"):
        pytest.skip("there is no juju command")
    try:
        jubilant.Juju().cli("whoami", include_model=False)
    except jubilant.CLIError:
        pytest.skip("juju knows no controller")
    with jubilant.temp_model() as model:
        model.wait_timeout = 900
        yield model
