"""Health, metrics, messages, and the way from one listener to the other."""

from pathlib import Path

import pytest

from identity_server.courier.message import Message
from server_kit import Server, serving

pytestmark = pytest.mark.anyio


async def test_requests_are_counted_by_route_and_never_by_id(server: Server) -> None:
    made = await server.create("ada@example.com")
    await server.admin.get(f"/admin/identities/{made['id']}")
    await server.public.get("/schemas/default")
    await server.admin.get("/admin/made-up/%F0%9F%98%80")
    answer = await server.admin.get("/metrics/prometheus")
    assert answer.headers["content-type"].startswith("text/plain")
    for endpoint in ("/admin/identities/{param}", "/schemas/{param}", "unknown"):
        assert f'endpoint="{endpoint}"' in answer.text
    assert made["id"] not in answer.text
    assert "made-up" not in answer.text


async def test_metrics_are_no_business_of_the_public(server: Server) -> None:
    assert (await server.public.get("/metrics/prometheus")).status_code == 404
    assert (await server.public.get("/admin/metrics/prometheus")).status_code == 404


@pytest.mark.parametrize("dev", [True, False])
async def test_what_a_message_says_is_shown_in_development_alone(tmp_path: Path, dev: bool) -> None:
    async with serving(tmp_path, overrides={"dev": dev}) as server:
        services = server.runtime.services
        from identity_server.storage.courier import CourierMessages

        store = CourierMessages(services.database, services.clock)
        message = Message("email", "ada@example.com", "recovery_code_valid", subject="Code 123456", body="123456")
        await store.enqueue([message])
        listed = await server.admin.get("/admin/courier/messages")
        one = await server.admin.get(f"/admin/courier/messages/{message.id}")
    assert listed.json()[0]["recipient"] == "ada@example.com"
    assert one.json()["dispatches"] == []
    assert ("123456" in listed.text, "123456" in one.text) == (dev, dev)


async def test_a_redirect_to_the_other_listener_keeps_the_query(server: Server) -> None:
    answer = await server.public.get("/identities?page_size=2")
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        "http://127.0.0.1:4434/admin/identities?page_size=2",
    )
    answer = await server.admin.get("/self-service/login/browser?return_to=x")
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        "http://127.0.0.1:4433/self-service/login/browser?return_to=x",
    )


@pytest.mark.parametrize(
    "path", ["//evil.example/%2e%2e", "/%0d%0aSet-Cookie:x", "//evil.example/..", "/\\evil.example/../x"]
)
async def test_no_path_redirects_elsewhere(server: Server, path: str) -> None:
    for client in (server.public, server.admin):
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = await client.send(request)
        location = answer.headers.get("location", "/")
        assert location.startswith(("/", "http://127.0.0.1:443")) and not location.startswith(("//", "/\\"))
        assert "set-cookie" not in location.lower() or "%0d%0a" in location.lower()


async def test_ready_says_what_is_wrong_to_operators_alone(server: Server) -> None:
    server.runtime.draining = True
    inside, outside = await server.admin.get("/health/ready"), await server.public.get("/health/ready")
    assert (inside.status_code, outside.status_code) == (503, 503)
    assert "shutting down" in inside.text and "shutting down" not in outside.text
    assert (await server.public.get("/health/alive")).status_code == 200


async def test_the_configuration_has_a_name(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        first = (await server.admin.get("/admin/health/config")).text
    async with serving(tmp_path, overrides={"session": {"lifespan": "3h"}}) as server:
        assert (await server.admin.get("/admin/health/config")).text != first
