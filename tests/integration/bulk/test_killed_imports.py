"""An import that is killed, and one that is piped in beside a running server."""

import json
import subprocess
import time
from pathlib import Path

import httpx2

from live_server import PROGRAM, live_server, native_login

SIZE = 6000


def rows(size: int = SIZE) -> str:
    return "".join(json.dumps({"traits": {"email": f"a{number}@b.test"}}) + "\n" for number in range(size))


def count(admin: str) -> int:
    answer = httpx2.get(f"{admin}admin/identities?per_page=1&page=1", timeout=60)
    return int(answer.headers["x-total-count"])


def test_a_killed_import_goes_on_and_stores_each_row_once(tmp_path: Path, dsn: str) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(rows())
    with live_server(tmp_path, dsn) as server:
        command = [PROGRAM, "identities", "import", str(file), "-c", str(server.config), "--format", "json"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while count(server.admin) == 0 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        process.kill()
        process.wait()
        stored = count(server.admin)
        assert 0 < stored <= SIZE
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        if stored < SIZE:
            assert f"Going on behind row {stored}" in done.stderr
            assert (told["rows"], told["imported"], told["refused"]) == (SIZE, SIZE, 0)
        assert count(server.admin) == SIZE


def test_a_pipe_into_the_database_of_a_running_server(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        row = {
            "traits": {"email": "ada@b.test"},
            "credentials": {"password": {"config": {"password": "wind-9-Mill-Sail"}}},
        }
        command = [PROGRAM, "identities", "import", "-", "-c", str(server.config), "-q"]
        done = subprocess.run(command, input=json.dumps(row).encode(), capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        assert native_login(server, "ada@b.test").status_code == 200
        done = subprocess.run(
            [PROGRAM, "identities", "export", "-c", str(server.config)], capture_output=True, timeout=60
        )
        assert json.loads(done.stdout)["traits"] == {"email": "ada@b.test"}
