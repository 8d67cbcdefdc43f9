"""T39: what every answer says to browsers and caches, and what strangers are not told."""

from pathlib import Path

import pytest

from server_kit import Server, serving

pytestmark = pytest.mark.anyio
HTTPS = {"serve": {"public": {"base_url": "https://id.example.com/"}}}
PATHS = ("/health/alive", "/sessions/whoami", "/self-service/login/browser", "/schemas", "/nothing", "/error?id=x")


async def test_t39_no_answer_is_kept_or_guessed_at(server: Server) -> None:
    for path in PATHS:
        answer = await server.public.get(path)
        assert "no-store" in answer.headers["cache-control"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
    flow = (await server.public.get("/self-service/login/api")).json()["id"]
    form = {"method": "password", "identifier": "a@example.com", "password": "wrong"}
    submitted = await server.public.post(f"/self-service/login?flow={flow}", json=form)
    for answer in (submitted, await server.admin.post("/admin/identities", json={"traits": {"email": "a@b.test"}})):
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/version", "/metrics/prometheus", "/health/config", "/debug/pprof/", "/debug"])
async def test_t39_strangers_learn_neither_version_nor_numbers(server: Server, path: str) -> None:
    assert (await server.public.get(path)).status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
async def test_t39_other_methods_are_not_taken(server: Server, method: str) -> None:
    for listener, path in ((server.public, "/sessions/whoami"), (server.admin, "/admin/identities")):
        answer = await listener.request(method, path, headers={"x-secret": "told-back"})
        assert answer.status_code >= 400
        assert "told-back" not in answer.text


async def test_t39_behind_https_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=HTTPS) as server:
        for path in PATHS:
            answer = await server.public.get(path)
            assert "max-age=" in answer.headers["strict-transport-security"], path


async def test_t39_without_https_nothing_is_said_of_it(server: Server) -> None:
    for path in PATHS:
        assert "strict-transport-security" not in (await server.public.get(path)).headers
