"""The process: starts, follows its configuration, ends."""

import os
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from live_server import PROGRAM, create_identity, free_port, live_server, migrate, native_login


def test_a_server_without_any_configuration_runs_on_a_database_of_its_own(tmp_path: Path) -> None:
    public, admin = free_port(), free_port()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SERVE_PUBLIC_PORT": str(public),
        "SERVE_ADMIN_PORT": str(admin),
    }
    process = subprocess.Popen([PROGRAM, "serve"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        shown = b""
        while b"Ctrl-C" not in shown:
            line = process.stdout.readline()
            assert line, "it ended before it was ready"
            shown += line
        assert f"http://127.0.0.1:{admin}/admin/identities".encode() in shown
        answer = httpx2.post(
            f"http://127.0.0.1:{admin}/admin/identities",
            json={"schema_id": "default", "traits": {"email": "ada@example.com"}},
        )
        assert answer.status_code == 201
        folder = tmp_path / ".local" / "share" / "kratos"
        assert (folder / "secrets.json").stat().st_mode & 0o077 == 0
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"selfservice": {"colour": "red"}}, "selfservice.colour"),
        ({"session": {"lifespan": "for ever"}}, "session.lifespan"),
        ({"serve": {"public": {"port": "many"}}}, "serve.public.port"),
        ({"identity": {"schemas": []}}, "identity.schemas"),
    ],
)
def test_f25_a_bad_configuration_stops_the_start_and_names_the_key(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    with live_server(tmp_path) as server:
        server.stop()
        server.change(change)
        done = subprocess.run(
            [PROGRAM, "serve", "-c", str(server.config)], capture_output=True, timeout=10, check=False
        )
    assert done.returncode == 1
    assert named in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_database_that_is_behind_is_refused_with_the_command_that_mends_it(tmp_path: Path, postgres_dsn: str) -> None:
    with live_server(tmp_path) as server:
        server.stop()
        server.change({"dsn": postgres_dsn})
        command = [PROGRAM, "serve", "-c", str(server.config)]
        refused = subprocess.run(command, capture_output=True, timeout=20, check=False)
        assert refused.returncode == 1
        assert "kratos migrate sql -e --yes" in refused.stderr.decode()
        migrate(server.config, postgres_dsn)
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            server.process = process
            server.wait_ready()
        finally:
            process.terminate()
            process.wait(10)


def test_an_address_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        done = subprocess.run(
            [PROGRAM, "serve", "--dev", "-c", str(server.config)], capture_output=True, timeout=20, check=False
        )
    assert done.returncode == 1
    assert "cannot listen on 127.0.0.1" in done.stderr.decode()


def test_a_changed_file_is_in_use_without_a_restart(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        session = native_login_of(server)
        server.change({"selfservice": {"methods": {"password": {"enabled": False}}}})
        assert eventually(lambda: no_nodes(server))
        assert httpx2.get(server.public + "sessions/whoami", headers=session).status_code == 200


def test_f25_a_broken_file_leaves_the_old_configuration_in_use(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        server.config.write_text("{")
        assert eventually(lambda: "is refused" in server.log.read_text())
        assert httpx2.get(server.admin + "admin/health/ready").status_code == 200
        assert not no_nodes(server)


def native_login_of(server: object) -> dict[str, str]:
    create_identity(server, "ada@example.com")  # type: ignore[arg-type]
    token = native_login(server, "ada@example.com").json()["session_token"]  # type: ignore[arg-type]
    return {"X-Session-Token": token}


def no_nodes(server: object) -> bool:
    flow = httpx2.get(server.public + "self-service/login/api").json()  # type: ignore[attr-defined]
    return not any(node["attributes"].get("name") == "password" for node in flow["ui"]["nodes"] or [])


def eventually(holds: object, seconds: float = 6) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False
