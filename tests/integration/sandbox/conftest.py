"""A sandbox of the tests' own for each way of keeping units apart."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import jubilant
import pytest

from juju_sandbox.places import REPOSITORY
from juju_sandbox.unit import spaces

HERE = Path(__file__).parent


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, "pytest.CallInfo[None] | object", None]:
    """Shows with a failure what the sandbox has logged."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed and "KRATOS_SANDBOX" in os.environ:
        command = [str(REPOSITORY / "sandbox" / "juju"), "debug-log", "--limit", "150"]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        report.sections.append(("sandbox", said.stdout + said.stderr))


@pytest.fixture(scope="module", params=["namespaces", "plain"])
def isolation(request: pytest.FixtureRequest) -> str:
    """How units are kept apart; namespaces where the machine allows them."""
    if request.param == "namespaces" and not spaces.possible():
        pytest.skip("this machine does not allow namespaces to this user")
    return request.param


@pytest.fixture(scope="module")
def juju(isolation: str) -> Iterator[jubilant.Juju]:
    """The sandbox's command line, driven as a real Juju's would be; the workload is the tests' own."""
    with sandbox(KRATOS_SANDBOX_ISOLATION=isolation, KRATOS_SANDBOX_PROGRAMS=str(HERE / "programs")) as driver:
        yield driver


@pytest.fixture(scope="module")
def real() -> Iterator[jubilant.Juju]:
    """A sandbox whose workload is the bundled server."""
    with sandbox() as driver:
        yield driver


@contextmanager
def sandbox(**more: str) -> Generator[jubilant.Juju]:
    """Starts a sandbox in a folder and on loopback addresses that no other run uses, and removes it."""
    if not shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin"):
        pytest.skip("Go is missing, which builds Pebble")
    folder = Path(tempfile.mkdtemp(prefix="sandbox-test-"))
    number = os.getpid()
    values = {
        "KRATOS_SANDBOX": str(folder / "model"),
        "KRATOS_SANDBOX_LOOPBACK": f"127.{100 + number % 100}.{number // 100 % 250}",
        **more,
    }
    with pytest.MonkeyPatch.context() as patch:
        for key, value in values.items():
            patch.setenv(key, value)
        driver = jubilant.Juju(cli_binary=str(REPOSITORY / "sandbox" / "juju"), wait_timeout=240)
        driver.cli("lab", "start")
        try:
            yield driver
        finally:
            driver.cli("destroy-model", "--no-prompt")
            shutil.rmtree(folder, ignore_errors=True)
