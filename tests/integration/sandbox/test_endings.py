"""However a sandbox ends, nothing that it started runs on."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jubilant
import pytest

from integration.sandbox.waiting import settled, until, wait
from juju_sandbox.places import REPOSITORY

HERE = Path(__file__).parent


def listens(address: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, 4433)) == 0


def test_nothing_survives_the_killing_of_the_sandbox(juju: jubilant.Juju) -> None:
    juju.deploy(HERE / "fixture_charm", "fix")
    wait(juju, settled)
    address = juju.status().apps["fix"].units["fix/0"].address
    assert listens(address)
    process = json.loads(juju.cli("lab", "where", "--format", "json"))["process"]
    os.kill(process, signal.SIGKILL)
    until(lambda: not listens(address))
    juju.cli("lab", "start")
    wait(juju, settled)
    assert listens(address), "and the model goes on"


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="sandbox-test-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_ctrl_c_ends_the_foreground_and_keeps_the_model(folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KRATOS_SANDBOX")}
    environment["KRATOS_SANDBOX"] = str(folder / "model")
    program = [sys.executable, str(REPOSITORY / "sandbox" / "foreground.py")]
    # Whoever runs the tests in the background has SIGINT ignored, and so have their children.
    with (
        subprocess.Popen(
            program,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process,
        contextlib.ExitStack() as at_last,
    ):
        at_last.callback(process.terminate)
        assert process.stdout is not None
        shown = ""
        while "Ctrl-C" not in shown:
            line = process.stdout.readline()
            assert line, shown
            shown += line
        address = shown.partition("people sign in at")[2].strip().partition(":4433")[0].removeprefix("http://")
        assert listens(address)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Stopped; the model is kept" in rest
    assert not listens(address)
    assert (folder / "model" / "model.sqlite").exists()
