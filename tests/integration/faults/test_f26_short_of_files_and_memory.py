"""F26: the machine grants few files, or little memory. The server says 503, lives, and is well again afterwards."""

import resource
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from integration.faults.people import eventually, is_ready, session_of, status_of
from live_server import PATIENCE, LiveServer, live_server, native_login

pytestmark = pytest.mark.xdist_group("quiet")
MEBIBYTE = 1024 * 1024


def hold_connections(server: LiveServer, count: int) -> list[socket.socket]:
    """Connections on which a request has been answered, so that the server knows of each."""
    where, held = httpx2.URL(server.public), []
    for _ in range(count):
        sock = socket.create_connection((where.host, where.port or 0), timeout=PATIENCE)
        sock.sendall(b"GET /health/alive HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(sock)
    return held


def test_f26_with_few_files_it_says_so_and_recovers(tmp_path: Path) -> None:
    with live_server(tmp_path, prefix=("prlimit", "--nofile=60")) as server:
        session = session_of(server)
        held = hold_connections(server, 100)
        told = [sock.recv(20) for sock in held]
        assert server.process.poll() is None
        assert {answer[9:12] for answer in told if answer} <= {b"200", b"503"}
        assert b"503" in {answer[9:12] for answer in told}
        for sock in held:
            sock.close()
        eventually(lambda: is_ready(server))
        assert status_of(server.public + "sessions/whoami", session) == 200
        assert native_login(server, "ada@example.com").status_code == 200
        assert server.stop() == 0


def test_f26_without_memory_a_password_is_not_wrong_and_the_server_recovers(tmp_path: Path) -> None:
    argon = {"hashers": {"algorithm": "argon2", "argon2": {"memory": "64MB", "iterations": 1, "parallelism": 1}}}
    with live_server(tmp_path, "", argon) as server:
        session = session_of(server)
        pid = server.process.pid
        # What it has already, and a little: less than a hash takes.
        most = address_space(pid) + 24 * MEBIBYTE
        before = resource.prlimit(pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: native_login(server, "ada@example.com"), range(8)))
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        assert status_of(server.public + "sessions/whoami", session) == 200
        resource.prlimit(pid, resource.RLIMIT_AS, before)
        assert native_login(server, "ada@example.com").status_code == 200


def address_space(pid: int) -> int:
    """How much address space a process has, in bytes, once it stops growing."""
    known = 0
    for _ in range(50):
        with open(f"/proc/{pid}/statm") as file:
            pages = int(file.read().split()[0])
        if pages == known:
            break
        known = pages
        time.sleep(0.1)
    return known * resource.getpagesize()
