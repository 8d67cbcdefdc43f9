"""The real server, started by the real command on the very file that the charm rendered."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from ops import testing

from charm import KratosCharm
from identity_charm import admin_client
from identity_server import contract
from integration.charm.starting import free_port, wait_for
from unit.charm.states import KEYS, create_state

KRATOS = Path(sys.executable).with_name("kratos")


@dataclass(frozen=True)
class Running:
    """A server, and the unit that configured it."""

    public: str
    admin: str
    state: testing.State
    context: testing.Context[KratosCharm]

    def run(self, action: str, **params: Any) -> dict[str, Any]:
        """Run an action of the unit against the server."""
        given = {key.replace("_", "-"): value for key, value in params.items()}
        self.context.run(self.context.on.action(action, params=given), self.state)
        return dict(self.context.action_results or {})

    def refusal(self, action: str, **params: Any) -> str:
        """Run an action that fails, and give its sentence."""
        with pytest.raises(testing.ActionFailed) as failed:
            self.run(action, **params)
        return failed.value.message

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """A call of the admin API with the charm's own key."""
        headers = {"Authorization": f"Bearer {json.loads(KEYS['admin'])}"}
        return requests.request(method, f"{self.admin}/admin{path}", json=body, headers=headers, timeout=10)

    def log_in(self, identifier: str, password: str) -> requests.Response:
        """The answer to a native login."""
        flow = requests.get(f"{self.public}/self-service/login/api", timeout=10).json()
        body = {"method": "password", "identifier": identifier, "password": password}
        return requests.post(f"{self.public}/self-service/login", params={"flow": flow["id"]}, json=body, timeout=10)

    def whoami(self, token: str) -> int:
        """The status of a session check."""
        headers = {"X-Session-Token": token}
        return requests.get(f"{self.public}/sessions/whoami", headers=headers, timeout=10).status_code


Serve = Callable[..., Running]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a server as a unit in this state would."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(**changes: Any) -> Running:
        context = testing.Context(KratosCharm, app_name="kratos")
        state = create_state(**changes)
        out = context.run(context.on.config_changed(), state)
        rendered = out.get_container("kratos").get_filesystem(context) / contract.CONFIG_FILE.lstrip("/")
        config = tmp_path / "kratos.yaml"
        config.write_text(rendered.read_text(encoding="utf-8"), encoding="utf-8")
        public, admin = free_port(), free_port()
        environment = {
            **os.environ,
            "DSN": f"sqlite://{tmp_path}/kratos.sqlite",
            "SERVE_PUBLIC_PORT": str(public),
            "SERVE_ADMIN_PORT": str(admin),
            "SERVE_PUBLIC_HOST": "127.0.0.1",
            "SERVE_ADMIN_HOST": "127.0.0.1",
        }
        command = contract.serve_command(str(config), str(KRATOS))
        processes.append(subprocess.Popen(command, env=environment, stderr=subprocess.STDOUT))
        wait_for(f"http://127.0.0.1:{admin}{contract.READY_PATH}", processes[-1])
        monkeypatch.setattr(admin_client, "BASE_URL", f"http://127.0.0.1:{admin}")
        return Running(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{admin}", state, context)

    yield start
    for process in processes:
        process.terminate()
        assert process.wait(timeout=20) == 0
