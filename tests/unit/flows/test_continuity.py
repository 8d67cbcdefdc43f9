"""Interrupted actions of browsers."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from identity_server.ciphers.signing import Keys, seal
from identity_server.flows.answer import Cookie
from identity_server.flows.caller import Caller
from identity_server.flows.continuity import COOKIE, MOST_BYTES, PURPOSE, Continuity

pytestmark = pytest.mark.anyio


class Store:
    """Containers, each taken once."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[str | None, Any]] = {}

    async def put(self, container: str, name: str, identity: str | None, payload: Any, ends: str) -> None:
        assert ends == "2026-11-21T09:45:00.000000Z"
        self.kept[container, name] = identity, payload

    async def take(self, container: str, name: str, now: str) -> tuple[str | None, Any] | None:
        del now
        return self.kept.pop((container, name), None)


@pytest.fixture
def services() -> Any:
    configuration = SimpleNamespace(dev=True, get=lambda _: None)
    keys = {kind: Keys([f"a-{kind}-secret-of-32-characters".encode()]) for kind in ("cookie", "default")}
    return SimpleNamespace(
        continuity=Store(),
        configuration=configuration,
        cookie_keys=keys["cookie"],
        default_keys=keys["default"],
        now=lambda: "2026-11-21T09:30:00.000000Z",
        clock=lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    )


def caller(cookie: Cookie | str | None = None) -> Caller:
    value = cookie.value if isinstance(cookie, Cookie) else cookie
    return Caller("GET", "", {}, {}, {COOKIE: value} if value else {}, "", False, False)


async def paused(services: Any, payload: Any = "x", name: str = "settings", before: Cookie | None = None) -> Cookie:
    cookie = await Continuity(services).pause(name, payload, caller(before), identity_id="meg")
    assert cookie is not None
    return cookie


async def test_what_was_paused_comes_back_once(services: Any) -> None:
    continuity, payload = Continuity(services), {"form": {"password": "new"}}
    cookie = await paused(services, payload)
    assert continuity.is_paused("settings", caller(cookie))
    assert await continuity.take("settings", caller(cookie), identity_id="meg") == payload
    assert await continuity.take("settings", caller(cookie), identity_id="meg") is None


async def test_it_comes_back_to_its_owner_alone_and_to_nobody_after_somebody_else_asked(services: Any) -> None:
    continuity, cookie = Continuity(services), await paused(services)
    assert await continuity.take("settings", caller(cookie), identity_id="mallory") is None
    assert await continuity.take("settings", caller(cookie), identity_id="meg") is None


async def test_what_is_kept_is_sealed(services: Any) -> None:
    await paused(services, {"password": "new-Meadow-58-Plough"})
    assert "Meadow" not in str(services.continuity.kept)


async def test_two_actions_wait_beside_each_other(services: Any) -> None:
    continuity = Continuity(services)
    cookie = await paused(services, 2, "other", before=await paused(services, 1))
    forgotten = continuity.forgotten("other", caller(cookie))
    assert continuity.is_paused("settings", caller(forgotten))
    assert not continuity.is_paused("other", caller(forgotten))
    assert await continuity.take("settings", caller(forgotten), identity_id="meg") == 1


async def test_what_is_too_large_is_not_kept(services: Any) -> None:
    assert await Continuity(services).pause("settings", "x" * MOST_BYTES, caller(), identity_id="meg") is None
    assert services.continuity.kept == {}


@pytest.mark.parametrize("value", ["", "made-up", "e30"])
async def test_a_cookie_that_is_not_ours_names_nothing(value: str, services: Any) -> None:
    assert not Continuity(services).is_paused("settings", caller(value))


async def test_a_container_that_was_tampered_with_holds_nothing(services: Any) -> None:
    cookie = await paused(services)
    (place, (identity, _)), *_ = services.continuity.kept.items()
    services.continuity.kept[place] = identity, seal(PURPOSE, b'"y"', Keys([b"another-secret-of-32-characters!"]))
    assert await Continuity(services).take("settings", caller(cookie), identity_id="meg") is None
