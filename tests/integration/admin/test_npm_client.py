"""Kratos' client package for JavaScript works unchanged: every call of the admin API, run by node."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from live_server import LiveServer, create_identity, live_server, native_login

SOURCE = Path(__file__).parent / "npm"
CACHE = Path(__file__).parents[3] / ".cache" / "npm"
OVERRIDES = {"selfservice": {"methods": {"link": {"enabled": True}, "code": {"enabled": True}}}}
PATIENCE = 120


@pytest.fixture(scope="module")
def program() -> Path:
    """The calls beside the installed package; installed once for each lock."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("node is not installed (apt-get install nodejs npm)")
    lock = (SOURCE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode:
            pytest.skip(f"the npm packages cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "installed").touch()
    # Beside the packages, where node looks for them.
    return Path(shutil.copy(SOURCE / "every_call.cjs", folder / "every_call.cjs"))


def test_the_lock_pins_every_package_and_names_no_registry() -> None:
    packages = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    assert len(packages) > 1
    for name, entry in packages.items():
        assert "resolved" not in entry
        assert not name or entry["integrity"].startswith("sha512-")


def answers(program: Path, server: LiveServer, owner: str, *sessions: str) -> dict:
    command = ["node", str(program), server.admin.rstrip("/"), "npm-client", owner, *sessions]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_admin_call_of_the_npm_package(program: Path, tmp_path: Path) -> None:
    with live_server(tmp_path, overrides=OVERRIDES) as server:
        owner = create_identity(server, "owner@example.com")
        sessions = [native_login(server, "owner@example.com").json()["session"]["id"] for _ in range(2)]
        found = answers(program, server, owner, *sessions)
    assert found["seen"] == {
        "same_identity": True,
        "state": "inactive",
        "metadata": {"plan": "gold"},
        "batch": ["create", "error"],
        "recovery": [6, True],
        "schemas": [["default"], "object"],
        "sessions": [sorted(sessions), owner, sessions[0], False],
        "listed": True,
        "messages": [True, 404],
        "metadata_api": [True, "ok", "ok"],
    }
    assert {name for name, status in found["done"].items() if status is None} == set()
    refused = {name: status for name, status in found["done"].items() if status >= 400}
    assert refused == {"identity.deleteIdentityCredentials": 404, "courier.getCourierMessage": 404}
