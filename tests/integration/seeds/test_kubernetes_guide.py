"""The guide for Kubernetes: its whole configuration as it stands, and its journey of a single-page application."""

import json
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import httpx2
import pytest

from identity_server.configuration import load
from identity_server.storage import migrate
from identity_server.web.application import AdminApplication, PublicApplication
from identity_server.wiring import build_runtime
from integration.mailbox import last_mail, value_of
from live_server import PROGRAM, SCHEMA
from server_kit import ADMIN, Server, client

pytestmark = pytest.mark.anyio
CONFIGURATION = Path(__file__).with_name("kubernetes.yml")
EMAIL = "visitor@example.com"
CHOSEN = "1password"
JSON = {"accept": "application/json", "origin": "https://auth.example.com"}
FORM = {**JSON, "content-type": "application/x-www-form-urlencoded"}


def test_the_configuration_is_accepted_as_it_stands() -> None:
    command = [PROGRAM, "config", "check", "-c", str(CONFIGURATION), "--format", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    values = {row["key"]: row["value"] for row in json.loads(ended.stdout)}
    assert values["cookies.domain"] == ".example.com"
    assert "0d6a3f5be1c9478285c7f10a2b94de36" not in ended.stdout


@pytest.fixture
async def server(dsn: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """The guide's containers: the tables are made first, and the environment names database and schemas."""
    del anyio_backend
    await anyio.to_thread.run_sync(migrate.up, dsn)
    schema = tmp_path / "default.json"
    schema.write_text(json.dumps(SCHEMA))
    environment = {"DSN": dsn, "IDENTITY_SCHEMAS": json.dumps([{"id": "default", "url": f"file://{schema}"}])}
    runtime = build_runtime(load([str(CONFIGURATION)], {**os.environ, **environment}, {}))
    transport = httpx2.ASGITransport(PublicApplication(runtime), client=("10.42.0.1", 50000))
    try:
        async with (
            httpx2.AsyncClient(transport=transport, base_url="https://kratos.example.com") as public,
            client(AdminApplication(runtime), ADMIN) as admin,
        ):
            yield Server(runtime, public, admin)
    finally:
        await runtime.close()


async def submit(server: Server, flow: dict[str, Any], **fields: str) -> httpx2.Response:
    """Sends a form as the guide does: encoded as a page would, answered in JSON."""
    form = {"csrf_token": value_of(flow, "csrf_token"), **fields}
    return await server.public.post(flow["ui"]["action"], data=form, headers=FORM)


async def test_the_journey_of_the_guide(server: Server) -> None:
    public = server.public
    flow = (await public.get("/self-service/registration/browser", headers=JSON)).json()
    assert flow["ui"]["action"] == f"https://kratos.example.com/self-service/registration?flow={flow['id']}"
    account = {"traits.email": EMAIL, "method": "password"}
    answer = await submit(server, flow, **account, password=CHOSEN)
    assert answer.status_code == 200, answer.text
    cookies = answer.headers.get_list("set-cookie")
    assert all("Domain=example.com" in each and "Secure" in each and "HttpOnly" in each for each in cookies)
    (step,) = [each for each in answer.json()["continue_with"] if each["action"] == "show_verification_ui"]
    assert step["flow"]["url"] == f"https://auth.example.com/verification?flow={step['flow']['id']}"
    verification = (await public.get(f"/self-service/verification/flows?id={step['flow']['id']}", headers=JSON)).json()
    answer = await submit(server, verification, code=(await last_mail(server, EMAIL)).code)
    assert answer.json()["state"] == "passed_challenge"
    flow = (await public.get("/self-service/login/browser?refresh=true", headers=JSON)).json()
    answer = await submit(server, flow, method="password", identifier=EMAIL, password=CHOSEN)
    assert answer.status_code == 200
    session = (await public.get("/sessions/whoami", headers=JSON)).json()
    assert session["identity"]["verifiable_addresses"][0]["verified"] is True
    assert session["devices"][0]["ip_address"].startswith("10.42.0.1")
    logout = (await public.get("/self-service/logout/browser", headers=JSON)).json()
    gone = await public.get(logout["logout_url"], headers={"accept": "text/html"})
    assert gone.headers["location"].rstrip("/") == "https://auth.example.com"
    assert (await public.get("/sessions/whoami", headers=JSON)).status_code == 401


async def test_pages_of_the_user_interface_are_shown_on_its_own_domain(server: Server) -> None:
    for kind in ("login", "registration", "recovery", "verification"):
        answer = await server.public.get(f"/self-service/{kind}/browser", headers={"accept": "text/html"})
        page = urlsplit(answer.headers["location"])
        assert (answer.status_code, page.netloc, page.path) == (303, "auth.example.com", f"/{kind}")


async def test_the_domains_of_the_guide_may_ask_and_be_returned_to(server: Server) -> None:
    for origin, allowed in (("https://auth.example.com", True), ("https://evil.test", False)):
        preflight = {"origin": origin, "access-control-request-method": "POST"}
        answer = await server.public.options("/self-service/login", headers=preflight)
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        start = f"/self-service/login/browser?return_to={origin}/back"
        assert ((await server.public.get(start, headers=JSON)).status_code == 200) is allowed


async def test_the_operator_s_commands_of_the_guide(server: Server) -> None:
    made = await server.create(EMAIL, credentials={"password": {"config": {"password": "thepassword_thatis_STRONG"}}})
    assert made["schema_url"] == "https://kratos.example.com/schemas/ZGVmYXVsdA"
    shown = (await server.admin.get(f"/admin/identities/{made['id']}?include_credential=password")).json()
    assert shown["credentials"]["password"]["config"]["hashed_password"].startswith("$2a$12$")
    path = "/verifiable_addresses/0"
    verified = [
        {"op": "replace", "path": f"{path}/verified", "value": True},
        {"op": "replace", "path": f"{path}/status", "value": "completed"},
    ]
    answer = await server.admin.patch(f"/admin/identities/{made['id']}", json=verified)
    assert answer.json()["verifiable_addresses"][0]["verified"] is True
    added = [
        {"op": "add", "path": "/metadata_public/everyone", "value": {"can": "read", "cannot": "modify"}},
        {"op": "add", "path": "/metadata_admin/admin", "value": "can_do_whatever_admin_want_to"},
    ]
    answer = await server.admin.patch(f"/admin/identities/{made['id']}", json=added)
    assert answer.status_code == 200, answer.text
    found = (await server.admin.get(f"/admin/identities?per_page=250&page=0&credentials_identifier={EMAIL}")).json()
    assert [each["metadata_admin"] for each in found] == [{"admin": "can_do_whatever_admin_want_to"}]
    assert (await server.admin.delete(f"/admin/identities/{made['id']}")).status_code == 204
