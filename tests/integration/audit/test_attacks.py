"""What an attacker would try with the trail: read it, forge it, find secrets in it, fill it."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import structlog

from integration.audit.conftest import AUDIT, events, trail
from integration.mailbox import PASSWORD, Time, begin, last_mail, mailing
from integration.threats.test_t21_page_tokens import FORGED, token_of
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"
WITH_PASSWORD: dict[str, Any] = {"credentials": {"password": {"config": {"password": PASSWORD}}}}
HOSTILE = ["' OR 1=1 --", '"; DROP TABLE audit_events; --', "%", "_", "\\", "\0", "x" * 5000, "é\udcff"[:1], "$1", "?"]


@pytest.mark.parametrize("token", FORGED)
async def test_a_forged_page_token_is_refused(server: Server, token: str) -> None:
    answer = await server.admin.get("/admin/audit", params={"page_token": token})
    assert answer.status_code == 400
    assert token[:50] not in answer.text


async def test_a_page_token_of_another_list_is_refused(server: Server) -> None:
    for path in ("/admin/identities", "/admin/sessions", "/admin/courier/messages"):
        token = await token_of(server, path)
        assert (await server.admin.get("/admin/audit", params={"page_token": token})).status_code == 400
        token = await token_of(server, "/admin/audit")
        assert (await server.admin.get(path, params={"page_token": token})).status_code == 400


async def test_no_filter_reaches_the_query(server: Server) -> None:
    await server.create(EMAIL)
    for name, text in itertools.product(("identity_id", "event", "actor", "result", "since", "until"), HOSTILE):
        answer = await server.admin.get("/admin/audit", params={name: text})
        assert (answer.status_code, answer.json() == []) in {(400, False), (200, True)}, (name, text)
    assert await events(server) == ["IdentityCreated"]


async def test_pages_hold_every_entry_once(server: Server) -> None:
    for at in range(7):
        await server.create(f"p{at}@mail.test")
    found: list[str] = []
    path, query = "/admin/audit?page_size=3&event=IdentityCreated", ""
    while True:
        answer = await server.admin.get(path + query)
        found += [entry["id"] for entry in answer.json()]
        await server.create(f"later{len(found)}@mail.test")
        if 'rel="next"' not in answer.headers["link"]:
            break
        query = "&page_token=" + answer.headers["link"].split("page_token=")[-1].partition("&")[0].partition(">")[0]
    assert len(found) == len(set(found)) == 7
    assert found == sorted(found, reverse=True)


async def test_a_window_of_time_is_open_at_its_end(server: Server) -> None:
    for at in range(3):
        await server.create(f"p{at}@mail.test")
    first, second, third = await trail(server)
    assert [entry["id"] for entry in await trail(server, since=second["when"])] == [second["id"], third["id"]]
    assert [entry["id"] for entry in await trail(server, until=second["when"])] == [first["id"]]


async def test_there_is_no_way_to_change_it(server: Server) -> None:
    await server.create(EMAIL)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await server.admin.request(method, "/admin/audit")).status_code == 405
    assert (await server.public.get("/admin/audit", follow_redirects=False)).status_code != 200


async def test_no_secret_is_in_it(server: Server) -> None:
    secrets = [PASSWORD, "wrong-4-Sail-wind", "new-9-Mill-Sail-wind", "my-Password-typed-in-the-wrong-field"]
    with structlog.testing.capture_logs() as lines:
        identity_id = (await server.create(EMAIL, **WITH_PASSWORD))["id"]
        await server.log_in(EMAIL, secrets[1])
        await server.log_in(secrets[3], secrets[1])
        session = (await server.log_in(EMAIL, PASSWORD)).json()
        token = session["session_token"]
        headers = {"x-session-token": token}
        flow = (await server.public.get("/self-service/settings/api", headers=headers)).json()["id"]
        new = {"method": "password", "password": secrets[2]}
        await server.public.post(f"/self-service/settings?flow={flow}", json=new, headers=headers)
        form = await begin(server)
        await form.ask(EMAIL)
        code = (await last_mail(server, EMAIL)).code
        await form.code("000000")
        await form.code(code)
        made = await server.admin.post("/admin/recovery/code", json={"identity_id": identity_id})
        await server.public.get("/sessions/whoami", headers={"cookie": "ory_kratos_session=abc-cookie-value"})
        form = await begin(server, "registration")
        await form.send(method="password", password=secrets[2], traits={"email": "no address " + secrets[3]})
    answer = await server.admin.get("/admin/audit", params={"page_size": "1000"})
    told = str([line for line in lines if line.get("audience") == "audit"])
    for secret in (*secrets, token, code, made.json()["recovery_code"], "abc-cookie-value", "$2a$"):
        assert secret not in answer.text
        assert secret not in told
    assert EMAIL not in answer.text, "an id says who it is; the address would stay after the identity is gone"
    assert {"LoginFailed", "RecoveryFailed", "RegistrationFailed"} <= {entry["event"] for entry in answer.json()}


async def test_callers_cannot_choose_their_address_nor_fill_the_trail(dsn: str, tmp_path: Path, time: Time) -> None:
    stranger = {"serve": {"public": {"trusted_proxies": ["203.0.113.0/24"]}}}
    headers = {
        "x-forwarded-for": "198.51.100.9",
        "true-client-ip": "198.51.100.9",
        "user-agent": "a" * 20_000,
        "x-request-id": "b" * 20_000,
    }
    async with mailing(tmp_path, dsn, AUDIT, stranger, clock=time) as server:
        server.admin.headers.update(headers)
        await server.create(EMAIL)
        (entry,) = await trail(server)
        assert entry["ip"] == "127.0.0.1"
        assert (len(entry["ua"]), len(entry["request_id"])) == (512, 128)


async def test_a_trusted_proxy_says_from_where_somebody_comes(server: Server) -> None:
    await server.create(EMAIL, **WITH_PASSWORD)
    server.public.headers["x-forwarded-for"] = "198.51.100.9"
    await server.log_in(EMAIL, PASSWORD)
    assert (await trail(server))[-1]["ip"] == "198.51.100.9"


async def test_a_key_for_identities_does_not_read_the_trail(dsn: str, tmp_path: Path, time: Time) -> None:
    keys = [
        {"name": "people", "key": "kratos_ak_" + "p" * 40, "scopes": ["identities:write", "identities:read"]},
        {"name": "auditor", "key": "kratos_ak_" + "a" * 40, "scopes": ["audit:read"]},
    ]
    async with mailing(tmp_path, dsn, AUDIT, {"serve": {"admin": {"auth": {"keys": keys}}}}, clock=time) as server:
        statuses = []
        for key in keys:
            server.admin.headers["authorization"] = f"Bearer {key['key']}"
            statuses += [(await server.admin.get(f"/admin/{what}")).status_code for what in ("audit", "identities")]
        assert statuses == [403, 200, 200, 403]
