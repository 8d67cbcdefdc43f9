"""What the charm leaves to the server: to notice a changed configuration without a restart."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from unit.charm import states

SCHEMA = json.dumps(
    {"own": {"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}}}
)


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within some seconds."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def change(serve: Any, tmp_path: Path) -> Callable[..., None]:
    """Write what the charm would render for other options into the running server's file."""
    server = serve()

    def configure(**changes: Any) -> None:
        out = server.context.run(server.context.on.config_changed(), states.create_state(**changes))
        folder = out.get_container("kratos").get_filesystem(server.context)
        text = (folder / "etc/config/kratos/kratos.yaml").read_text(encoding="utf-8")
        (tmp_path / "kratos.yaml").write_text(text, encoding="utf-8")

    configure.server = server  # type: ignore[attr-defined]
    return configure


def test_sign_up_opens(change: Any) -> None:
    url = f"{change.server.public}/self-service/registration/api"
    assert requests.get(url, timeout=10).status_code == 400
    change(config={"enable_registration": True})
    assert soon(lambda: requests.get(url, timeout=10).status_code == 200)


def test_a_schema_comes(change: Any) -> None:
    url = f"{change.server.public}/schemas/own"
    assert requests.get(url, timeout=10).status_code == 404
    change(config={"identity_schemas": SCHEMA, "default_identity_schema_id": "own"})
    assert soon(lambda: requests.get(url, timeout=10).status_code == 200)


def test_another_provider_comes_and_goes(change: Any) -> None:
    def offered() -> bool:
        flow = requests.get(f"{change.server.public}/self-service/login/api", timeout=10).json()
        return "oidc" in {node["group"] for node in flow["ui"]["nodes"]}

    assert not offered()
    change(relations=[states.provider(provider="google", issuer_url=None)])
    assert soon(offered)
    change()
    assert soon(lambda: not offered())
