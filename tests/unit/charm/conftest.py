"""What every test of the charm starts from."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from lightkube import Client
from ops import testing

from charm import KratosCharm
from identity_charm import admin_client, cluster
from unit.charm.admin_stub import AdminStub
from unit.charm.cluster_stub import ClusterStub, client_for


@pytest.fixture(autouse=True)
def quick_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """``ops.testing`` reads and writes the charm's files anew again and again; libyaml takes a tenth of the time."""
    if hasattr(yaml, "CSafeDumper"):
        monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)
        quick = SimpleNamespace(safe_dump=partial(yaml.dump, Dumper=yaml.CSafeDumper), safe_load=yaml.safe_load)
        monkeypatch.setattr("scenario._runtime.yaml", quick)


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that restarts is ready at once; the tests of turns say otherwise."""
    monkeypatch.setattr("identity_charm.workload._says_ready", lambda: True)


@pytest.fixture
def context() -> testing.Context[KratosCharm]:
    return testing.Context(KratosCharm, app_name="kratos")


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Iterator[AdminStub]:
    """The server's admin API, and the charm's client pointed at it."""
    with AdminStub() as stub:
        monkeypatch.setattr(admin_client, "BASE_URL", stub.url)
        yield stub


@pytest.fixture
def kubernetes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ClusterStub]:
    """A cluster around the unit."""
    (tmp_path / "token").write_text("t")
    with ClusterStub() as stub:
        clients: list[Client] = []

        def connect() -> Client:
            clients.append(client_for(stub.url))
            return clients[-1]

        monkeypatch.setattr(cluster, "ACCOUNT", tmp_path)
        monkeypatch.setattr(cluster, "connect", connect)
        monkeypatch.setattr("identity_charm.map_watch.start", lambda *words: stub.watchers.append(words) or 0)
        yield stub
        for client in clients:
            client._client._client.close()
