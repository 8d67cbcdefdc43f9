"""What every test of the charm starts from."""

from collections.abc import Iterator

import pytest
from ops import testing

from charm import KratosCharm
from identity_charm import admin_client
from unit.charm.admin_stub import AdminStub


@pytest.fixture
def context() -> testing.Context[KratosCharm]:
    return testing.Context(KratosCharm, app_name="kratos")


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Iterator[AdminStub]:
    """The server's admin API, and the charm's client pointed at it."""
    with AdminStub() as stub:
        monkeypatch.setattr(admin_client, "BASE_URL", stub.url)
        yield stub
