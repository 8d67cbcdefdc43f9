"""Who comes through a provider is told by what they did, whichever form they began with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.audit.conftest import AUDIT, trail
from openid_provider import OpenIdProvider, running
from server_kit import serving
from social import browser, configured, entry, travel

pytestmark = pytest.mark.anyio


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """A provider that answers."""
    with running() as found:
        yield found


async def test_a_login_that_signs_up_is_a_registration(provider: OpenIdProvider, dsn: str, tmp_path: Path) -> None:
    async with serving(tmp_path, dsn, {**configured(entry(provider)), **AUDIT}) as server:
        await travel(server.public)
        await travel(browser(server))
        up, into = await trail(server)
        assert [(entry["event"], entry["method"]) for entry in (up, into)] == [
            ("RegistrationSucceeded", "oidc"),
            ("LoginSucceeded", "oidc"),
        ]
        assert up["identity_id"] == into["identity_id"]


async def test_a_provider_that_refuses_leaves_a_failed_login(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides={**configured(entry(provider)), **AUDIT}) as server:
        provider.answers = {"code": None, "error": "access_denied", "error_description": "secret words of a provider"}
        await travel(server.public)
        (entry_,) = await trail(server)
        assert (entry_["event"], entry_["method"], entry_["result"]) == ("LoginFailed", "oidc", "failure")
        assert "secret words" not in str(entry_)
