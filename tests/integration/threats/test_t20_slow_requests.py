"""T20: clients that send slowly, or heads without end, hold nothing up and are cut off."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from live_server import LiveServer, live_server

HEAD = b"POST /self-service/login?flow=x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#: A head may take 5 seconds and a body 15; the rest is for a busy machine.
LONGEST = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder: Path = tmp_path_factory.mktemp("slow")
    with live_server(folder) as running:
        yield running


def connection(server: LiveServer) -> socket.socket:
    where = httpx2.URL(server.public)
    return socket.create_connection((where.host, where.port or 0), timeout=LONGEST)


def told(sock: socket.socket) -> bytes:
    """All that the server says until it ends the connection."""
    said = b""
    try:
        while part := sock.recv(65536):
            said += part
    except ConnectionError:
        pass
    return said


def trickle(sock: socket.socket, stop: threading.Event) -> None:
    """A byte of a head now and then, which never ends."""
    while not stop.wait(0.3):
        try:
            sock.sendall(b"X")
        except OSError:
            return


def test_t20_who_sends_slowly_is_cut_off_while_others_are_served(server: LiveServer) -> None:
    silent, slow_head, slow_body = (connection(server) for _ in range(3))
    slow_head.sendall(HEAD + b"X-Slow: ")
    slow_body.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"a":')
    stop = threading.Event()
    trickling = threading.Thread(target=trickle, args=(slow_head, stop))
    trickling.start()
    try:
        began = time.monotonic()
        assert httpx2.get(server.public + "health/ready", timeout=LONGEST).status_code == 200
        assert told(silent).startswith(b"HTTP/1.1 408")
        assert told(slow_head).startswith(b"HTTP/1.1 408")
        after_heads = time.monotonic() - began
        assert told(slow_body).startswith(b"HTTP/1.1 408")
        assert after_heads < time.monotonic() - began < LONGEST
    finally:
        stop.set()
        trickling.join()
        for sock in (silent, slow_head, slow_body):
            sock.close()
    assert "Traceback" not in server.log.read_text()


def test_t20_a_head_without_end_is_refused(server: LiveServer) -> None:
    sock = connection(server)
    sent = 0
    try:
        sock.sendall(HEAD)
        while sent < 64 * 1024 * 1024:
            sock.sendall(b"X-Much: " + b"x" * 65536 + b"\r\n")
            sent += 65536
    except ConnectionError:
        pass
    said = told(sock)
    sock.close()
    assert sent < 16 * 1024 * 1024
    assert not said or said.startswith(b"HTTP/1.1 431")
    assert httpx2.get(server.public + "health/ready", timeout=LONGEST).status_code == 200


def test_t20_many_who_say_nothing_keep_nobody_out(server: LiveServer) -> None:
    held = [connection(server) for _ in range(300)]
    answers = [httpx2.get(server.public + "health/ready", timeout=LONGEST).status_code for _ in range(5)]
    for sock in held:
        sock.close()
    assert answers == [200] * 5


def test_t20_who_reads_nothing_of_an_answer_holds_nobody_up(server: LiveServer) -> None:
    sock = connection(server)
    request = b"GET /schemas HTTP/1.1\r\nHost: x\r\n\r\n"
    sock.settimeout(1)
    try:
        for _ in range(20_000):
            sock.sendall(request * 10)
    except (TimeoutError, ConnectionError):
        pass
    assert httpx2.get(server.public + "health/ready", timeout=LONGEST).status_code == 200
    sock.close()
