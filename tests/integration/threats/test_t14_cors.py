"""T14: no page that is not listed may read answers, and none with cookies that is only let in by a star."""

from pathlib import Path
from typing import Any

import pytest

from server_kit import serving

pytestmark = pytest.mark.anyio
EVIL = ["https://evil.example", "null", "https://app.test.evil.example", "https://evilapp.test", "http://app.test"]
PATHS = ["/sessions/whoami", "/self-service/login/browser", "/self-service/login/api", "/health/alive", "/nothing"]


def cors(**settings: Any) -> dict[str, Any]:
    return {"serve": {"public": {"cors": {"enabled": True, "allow_credentials": True, **settings}}}}


@pytest.mark.parametrize("origin", EVIL)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_t14_an_unlisted_origin_is_never_echoed(origin: str, method: str, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=cors(allowed_origins=["https://app.test"])) as server:
        for path in PATHS:
            headers = {"origin": origin, "access-control-request-method": "GET"}
            answer = await server.public.request(method, path, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control-")], path


@pytest.mark.parametrize("origin", [*EVIL, "https://app.test"])
async def test_t14_a_star_never_comes_with_credentials(origin: str, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=cors(allowed_origins=["*"])) as server:
        for method in ("GET", "OPTIONS"):
            headers = {"origin": origin, "access-control-request-method": "GET"}
            answer = await server.public.request(method, "/sessions/whoami", headers=headers)
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers


async def test_t14_a_listed_origin_is_not_for_the_caches_of_others(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=cors(allowed_origins=["https://app.test"])) as server:
        for origin in ("https://app.test", "https://evil.example"):
            answer = await server.public.get("/sessions/whoami", headers={"origin": origin})
            assert "Origin" in answer.headers["vary"]


async def test_t14_by_default_there_are_no_cross_origin_answers(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        answer = await server.public.get("/sessions/whoami", headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_t14_the_admin_side_has_none(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=cors(allowed_origins=["*"])) as server:
        answer = await server.admin.get("/admin/identities", headers={"origin": "https://app.test"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]
