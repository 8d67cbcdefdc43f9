"""T34: the admin API is open to nobody without a key, once there are keys."""

import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from live_server import PROGRAM, live_server

CONFIGURED = "a-key-of-the-configuration-that-is-long"
HOSTILE_PATHS = [
    "admin/identities",
    "identities",
    "admin/sessions",
    "admin/courier/messages",
    "admin/health/../identities",
    "admin/health/%2e%2e/identities",
    "admin//identities",
    "//admin/identities",
    "admin/identities/",
    "admin/version/../identities",
    "admin/recovery/code",
]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "HEAD"])
def test_no_path_leads_around_the_key(tmp_path_factory: pytest.TempPathFactory, method: str) -> None:
    folder = tmp_path_factory.mktemp("t34")
    auth = {"serve": {"admin": {"auth": {"keys": [{"name": "ops", "key": CONFIGURED}]}}}}
    with live_server(folder, "", auth) as server, httpx2.Client() as client:
        for path in HOSTILE_PATHS:
            answer = client.request(method, server.admin + path)
            assert answer.status_code in (401, 404, 307), (path, answer.status_code, answer.text)
            if answer.status_code == 307:
                again = client.request(method, httpx2.URL(server.admin).join(answer.headers["location"]))
                assert again.status_code in (401, 404)
        allowed = client.get(server.admin + "admin/identities", headers={"Authorization": f"Bearer {CONFIGURED}"})
        assert allowed.status_code == 200


def test_a_key_is_made_used_and_revoked(tmp_path: Path) -> None:
    def kratos(*arguments: str, status: int = 0) -> str:
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == status, done.stderr
        return done.stdout.strip() if status == 0 else done.stderr

    with live_server(tmp_path) as server:
        config = ["-c", str(server.config)]
        assert httpx2.get(server.admin + "admin/identities").status_code == 200
        key = kratos("admin-keys", "create", "robot", "--scope", "identities:read", "--expires-in", "1h", *config)
        assert "robot" in kratos("admin-keys", "create", "robot", *config, status=1)
        assert "allowed" in kratos("admin-keys", "create", "r2", "--scope", "everything", *config, status=1)
        listed = kratos("admin-keys", "list", *config)
        assert "robot" in listed and key not in listed
        assert key not in (tmp_path / "kratos.sqlite").read_bytes().decode("latin-1")

        def status(path: str, method: str = "GET", sent: str = key) -> int:
            return httpx2.request(method, server.admin + path, headers={"Authorization": f"Bearer {sent}"}).status_code

        assert eventually(lambda: status("admin/identities", sent="wrong") == 401)
        assert status("admin/identities") == 200
        assert status("admin/identities", "POST") == 403
        assert status("admin/sessions") == 403
        second = kratos("admin-keys", "create", "second", *config)
        kratos("admin-keys", "revoke", "robot", *config)
        assert eventually(lambda: status("admin/identities") == 401)
        assert status("admin/identities", sent=second) == 200
        assert "robot" in kratos("admin-keys", "revoke", "robot", *config, status=1)


def eventually(holds: object, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False
