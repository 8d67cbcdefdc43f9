"""The real server, started by the real command on the very file that the charm rendered."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from ops import testing

from charm import KratosCharm
from identity_charm import admin_client
from identity_server import contract
from integration.charm.starting import free_port, running
from unit.charm.states import KEYS, create_state


@dataclass(frozen=True)
class Running:
    """A server, and the unit that configured it."""

    public: str
    admin: str
    process: "subprocess.Popen[bytes]"
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
    with ExitStack() as stack:

        def start(**changes: Any) -> Running:
            context = testing.Context(KratosCharm, app_name="kratos")
            state = create_state(**changes)
            out = context.run(context.on.config_changed(), state)
            rendered = out.get_container("kratos").get_filesystem(context) / contract.CONFIG_FILE.lstrip("/")
            config = tmp_path / "kratos.yaml"
            config.write_text(rendered.read_text(encoding="utf-8"), encoding="utf-8")
            dsn = f"sqlite://{tmp_path}/kratos.sqlite"
            server = stack.enter_context(running(config, dsn, free_port(), free_port()))
            monkeypatch.setattr(admin_client, "BASE_URL", server.admin)
            return Running(server.public, server.admin, server.process, state, context)

        yield start
