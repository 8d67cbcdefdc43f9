"""F27: nobody reads the log. Requests go on; lines that find no room are dropped, and counted once there is room."""

import json
import os
import threading
from pathlib import Path

import httpx2

from integration.faults.people import asking, eventually, slowness
from live_server import live_server


def read_all(descriptor: int, lines: list[bytes]) -> None:
    with open(descriptor, "rb") as stream:
        lines.extend(stream)


def test_f27_requests_go_on_and_what_was_dropped_is_counted(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    lines: list[bytes] = []
    with live_server(tmp_path, "", {"log": {"level": "debug", "format": "json"}}, stderr=writing) as server:
        os.close(writing)
        with asking(server.public + "nothing/here/" + "x" * 4096 + "?code=123456", clients=2) as traffic:
            eventually(lambda: traffic.statuses[404] >= 800)
        assert traffic.cut == [] and set(traffic.statuses) == {404}
        assert traffic.slowest < 2 * slowness()
        reader = threading.Thread(target=read_all, args=(reading, lines))
        reader.start()
        assert httpx2.get(server.admin + "admin/health/ready").status_code == 200
    reader.join(10)
    told = [json.loads(line) for line in lines]
    assert any(line.get("path", "").startswith("/nothing/here/xx") for line in told)
    assert b"123456" not in b"".join(lines)
    assert sum(line["count"] for line in told if line.get("event") == "log lines were dropped") > 0
