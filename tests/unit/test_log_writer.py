"""F27: lines that find no room are dropped and counted; whoever logs is never held up."""

import json
import os
import threading
import time
from collections.abc import Iterator

import pytest

from identity_server import logs
from identity_server.logs import Writer

#: More than a pipe takes.
LONG = b'{"words": "' + b"x" * 4000 + b'"}'


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def all_of(reading: int) -> list[dict[str, object]]:
    with open(os.dup(reading), "rb") as stream:
        return [json.loads(line) for line in stream]


def test_f27_what_found_no_room_is_counted_once_somebody_reads(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST_LINES", 20)
    reading, writing = pipe
    writer = Writer(writing)
    began = time.monotonic()
    for _ in range(1000):
        writer.write(LONG)
    assert time.monotonic() - began < 10, "it waited for a reader"
    found: list[dict[str, object]] = []
    reader = threading.Thread(target=lambda: found.extend(all_of(reading)))
    reader.start()
    writer.flush(30)
    time.sleep(0.2)
    os.close(writing)
    reader.join(30)
    dropped = sum(int(str(line["count"])) for line in found if line.get("event") == "log lines were dropped")
    written = sum("words" in line for line in found)
    assert dropped > 0
    assert dropped + written == 1000


def test_f27_flushing_does_not_wait_for_ever(pipe: tuple[int, int]) -> None:
    _, writing = pipe
    writer = Writer(writing)
    for _ in range(200):
        writer.write(LONG)
    began = time.monotonic()
    writer.flush()
    assert time.monotonic() - began < 10
