"""``kratos courier watch`` as a process: what keeps it from starting, and what it tells."""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from live_server import PROGRAM, configuration, free_port, migrate


def config(folder: Path, dsn: str, overrides: Mapping[str, Any] | None = None) -> Path:
    file = folder / "kratos.json"
    file.write_text(json.dumps(configuration(dsn, free_port(), free_port(), overrides)))
    return file


def watched(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "courier", "watch", "-c", str(file), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"dsn": "memory"}, "--watch-courier"),
        ({"courier": {"smtp": {"connection_uri": "smtp://mail.test/?maybe=1"}}}, "unknown parameter 'maybe'"),
        (
            {"courier": {"templates": {"recovery": {"valid": {"email": {"subject": "base64://e3sgLlg="}}}}}},
            "courier.templates.recovery.valid.email.subject:1:",
        ),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(tmp_path: Path, overrides: dict[str, Any], says: str) -> None:
    file = config(tmp_path, f"sqlite://{tmp_path}/kratos.sqlite", overrides)
    ended = watched(file)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_without_tables_keeps_it_from_starting(tmp_path: Path, postgres_dsn: str) -> None:
    ended = watched(config(tmp_path, postgres_dsn))
    assert ended.returncode == 1
    assert "migrate sql" in ended.stderr


def test_it_answers_for_its_queue_and_ends_when_asked(tmp_path: Path, dsn: str) -> None:
    file, port = config(tmp_path, dsn), free_port()
    migrate(file, dsn)
    process = subprocess.Popen(
        [PROGRAM, "courier", "watch", "-c", str(file), "--expose-metrics-port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        text = _metrics(process, port)
        assert 'kratos_courier_messages{status="queued"} 0.0' in text
    finally:
        process.terminate()
        assert process.wait(10) == 0


def _metrics(process: subprocess.Popen[bytes], port: int) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None
        try:
            return httpx2.get(f"http://127.0.0.1:{port}/metrics/prometheus").text
        except httpx2.HTTPError:
            time.sleep(0.05)
    raise AssertionError("no metrics")
