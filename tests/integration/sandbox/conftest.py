"""A sandbox of the tests' own for each way of keeping units apart."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jubilant
import pytest

from juju_sandbox.places import REPOSITORY
from juju_sandbox.unit import spaces

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["namespaces", "plain"])
def isolation(request: pytest.FixtureRequest) -> str:
    """How units are kept apart; namespaces where the machine allows them."""
    if request.param == "namespaces" and not spaces.possible():
        pytest.skip("this machine does not allow namespaces to this user")
    return request.param


@pytest.fixture(scope="module")
def juju(isolation: str) -> Iterator[jubilant.Juju]:
    """The sandbox's command line, driven as a real Juju's would be."""
    if not shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin"):
        pytest.skip("Go is missing, which builds Pebble")
    # A short folder under /tmp, away from the loopback addresses of other runs.
    folder = Path(tempfile.mkdtemp(prefix="sandbox-test-"))
    number = os.getpid()
    values = {
        "KRATOS_SANDBOX": str(folder / "model"),
        "KRATOS_SANDBOX_LOOPBACK": f"127.{100 + number % 100}.{number // 100 % 250}",
        "KRATOS_SANDBOX_ISOLATION": isolation,
        "KRATOS_SANDBOX_PROGRAMS": str(HERE / "programs"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for key, value in values.items():
            patch.setenv(key, value)
        driver = jubilant.Juju(cli_binary=str(REPOSITORY / "sandbox" / "juju"), wait_timeout=60)
        try:
            driver.cli("lab", "start")
            yield driver
        finally:
            driver.cli("destroy-model", "--no-prompt")
            shutil.rmtree(folder, ignore_errors=True)
