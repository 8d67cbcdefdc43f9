"""Who did what to which identity from where."""

from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select

from identity_server.configuration import load
from identity_server.storage import tables
from identity_server.storage.port import Statement
from identity_server.wiring import rebuild
from integration.audit.conftest import AUDIT, events, trail
from integration.mailbox import PASSWORD, Time, begin, last_mail, mailing
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL, BOSS = "ada@mail.test", "boss@mail.test"
NIL = "00000000-0000-0000-0000-000000000000"
WITH_PASSWORD: dict[str, Any] = {"credentials": {"password": {"config": {"password": PASSWORD}}}}
_COUNT = Statement(select(func.count()).select_from(tables.audit_events))


async def sign_up(server: Server, email: str = EMAIL) -> dict[str, Any]:
    form = await begin(server, "registration")
    answer = await form.send(method="password", password=PASSWORD, traits={"email": email})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def settings(server: Server, token: str, **fields: Any) -> Any:
    headers = {"x-session-token": token}
    flow = (await server.public.get("/self-service/settings/api", headers=headers)).json()["id"]
    return await server.public.post(f"/self-service/settings?flow={flow}", json=fields, headers=headers)


async def twelve_operations(server: Server) -> tuple[str, list[str]]:
    """Twelve operations on one identity and on another; the identity and the events in their order."""
    made = await sign_up(server)
    identity_id = made["identity"]["id"]
    assert (await server.log_in(EMAIL, "wrong-4-Sail-wind")).status_code == 400
    session = (await server.log_in(EMAIL, PASSWORD)).json()
    token, session_id = session["session_token"], session["session"]["id"]
    form = await begin(server, "verification")
    await form.ask(EMAIL)
    assert (await form.code((await last_mail(server, EMAIL)).code)).status_code == 200
    new = {"traits": {"email": "ada.new@mail.test"}}
    assert (await settings(server, token, method="profile", **new)).status_code == 200
    assert (await server.admin.patch(f"/admin/sessions/{session_id}/extend")).status_code == 200
    body = {"identity_id": identity_id}
    assert (await server.admin.post("/admin/recovery/code", json=body)).status_code == 201
    assert (await server.admin.delete(f"/admin/sessions/{session_id}")).status_code == 204
    other = (await server.create(BOSS, **WITH_PASSWORD))["id"]
    changes = [{"op": "replace", "path": "/state", "value": "inactive"}]
    assert (await server.admin.patch(f"/admin/identities/{other}", json=changes)).status_code == 200
    assert (await server.admin.delete(f"/admin/identities/{other}")).status_code == 204
    other_token = (await server.log_in("ada.new@mail.test", "wrong-4-Sail-wind")).status_code
    assert other_token == 400
    return identity_id, [
        "RegistrationSucceeded",
        "LoginFailed",
        "LoginSucceeded",
        "VerificationSucceeded",
        "SettingsSucceeded",
        "SessionLifespanExtended",
        "RecoveryInitiatedByAdmin",
        "SessionRevoked",
        "IdentityCreated",
        "IdentityUpdated",
        "IdentityDeleted",
        "LoginFailed",
    ]


async def test_twelve_operations_leave_twelve_entries_and_twelve_lines(server: Server) -> None:
    with structlog.testing.capture_logs() as lines:
        identity_id, expected = await twelve_operations(server)
    assert await events(server) == expected
    told = [line for line in lines if line.get("audience") == "audit"]
    assert [line["event"] for line in told] == expected
    members = {"when", "identity_id", "flow_id", "method", "ip", "ua", "result", "reason", "request_id", "actor"}
    assert all(members <= line.keys() for line in told)
    assert (await events(server, identity_id=identity_id)) == [*expected[:8], "LoginFailed"]


async def test_an_entry_says_who_from_where_and_how(server: Server) -> None:
    headers = {"user-agent": "curl/9", "x-request-id": "r-17"}
    server.public.headers.update(headers)
    made = await sign_up(server)
    session = (await server.log_in(EMAIL, PASSWORD)).json()
    assert await settings(server, session["session_token"], method="password", password="new-9-Mill-Sail-wind")
    up, into, changed = await trail(server)
    identity_id = made["identity"]["id"]
    assert {entry["identity_id"] for entry in (up, into, changed)} == {identity_id}
    assert (up["actor"], into["actor"], changed["actor"]) == ("anonymous", "anonymous", f"identity:{identity_id}")
    assert {entry["method"] for entry in (up, into, changed)} == {"password"}
    assert (into["ip"], into["ua"], into["request_id"], into["api"]) == ("127.0.0.1", "curl/9", "r-17", "public")
    assert (into["result"], into["reason"]) == ("success", None)
    assert into["sessions"] == [session["session"]["id"]]
    assert changed["changed"] == ["credentials.password"]
    assert len({entry["flow_id"] for entry in (up, into, changed)}) == 3


async def test_a_failed_login_says_whose_account_and_why(server: Server) -> None:
    identity_id = (await server.create(EMAIL, **WITH_PASSWORD))["id"]
    await server.log_in(EMAIL, "wrong-4-Sail-wind")
    await server.log_in("nobody@mail.test", "wrong-4-Sail-wind")
    known, unknown = await trail(server, event="LoginFailed")
    assert (known["result"], known["identity_id"], known["method"]) == ("failure", identity_id, "password")
    assert known["reason"].startswith("4000006 ")
    assert unknown["identity_id"] is None
    assert await events(server, result="failure") == ["LoginFailed", "LoginFailed"]


async def test_a_disabled_identity_fails_to_sign_in(server: Server) -> None:
    await server.create(EMAIL, state="inactive", **WITH_PASSWORD)
    assert (await server.log_in(EMAIL, PASSWORD)).status_code == 401
    assert (await trail(server))[-1]["reason"].startswith("401")


async def test_an_admin_key_is_named(dsn: str, tmp_path: Path, time: Time) -> None:
    key = "kratos_ak_" + "k" * 40
    auth = {"serve": {"admin": {"auth": {"keys": [{"name": "robot", "key": key}]}}}}
    async with mailing(tmp_path, dsn, AUDIT, auth, clock=time) as server:
        server.admin.headers["authorization"] = f"Bearer {key}"
        await server.create(EMAIL)
        (entry,) = await trail(server, actor="admin_key:robot")
        assert (entry["event"], entry["api"]) == ("IdentityCreated", "admin")
        server.admin.headers["authorization"] = "Bearer wrong"
        assert (await server.admin.get("/admin/audit")).status_code == 401


async def test_a_recovery_is_one_even_if_an_operator_began_it(server: Server) -> None:
    identity_id = (await server.create(EMAIL))["id"]
    answer = (await server.admin.post("/admin/recovery/code", json={"identity_id": identity_id})).json()
    flow = answer["recovery_link"].partition("flow=")[2]
    body = {"method": "code", "code": "000000"}
    await server.public.post(f"/self-service/recovery?flow={flow}", json=body)
    body["code"] = answer["recovery_code"]
    await server.public.post(f"/self-service/recovery?flow={flow}", json=body)
    found = await trail(server, identity_id=identity_id)
    assert [entry["event"] for entry in found][:4] == [
        "IdentityCreated",
        "RecoveryInitiatedByAdmin",
        "RecoveryFailed",
        "RecoverySucceeded",
    ]
    assert {entry["flow_id"] for entry in found[1:4]} == {flow}
    assert (found[1]["method"], found[3]["method"]) == ("code", "code")


@pytest.mark.parametrize("kind", ["recovery", "verification"])
async def test_a_wrong_code_says_whose_it_was_not(server: Server, kind: str) -> None:
    identity_id = (await server.create(EMAIL))["id"]
    form = await begin(server, kind)
    await form.ask(EMAIL)
    await form.code("000000")
    (entry,) = await trail(server, result="failure")
    assert (entry["event"], entry["identity_id"]) == (f"{kind.capitalize()}Failed", identity_id)
    assert (entry["method"], entry["flow_id"]) == ("code", form.id)
    stranger = await begin(server, kind)
    await stranger.ask("nobody@mail.test")
    await stranger.code("000000")
    assert [each["identity_id"] for each in await trail(server, result="failure")] == [identity_id, None]


async def test_asking_for_a_recovery_code_oneself_is_no_change(server: Server) -> None:
    await server.create(EMAIL)
    form = await begin(server)
    await form.ask(EMAIL)
    assert await events(server) == ["IdentityCreated"]


async def test_many_created_at_once_are_many_entries(server: Server) -> None:
    people = [{"create": {"schema_id": "default", "traits": {"email": f"p{at}@mail.test"}}} for at in range(120)]
    people.append(people[0])
    answer = (await server.admin.patch("/admin/identities", json={"identities": people})).json()
    made = {each["identity"] for each in answer["identities"] if each["action"] == "create"}
    assert len(made) == 120
    found = await trail(server, page_size="1000")
    assert {entry["identity_id"] for entry in found} == made
    assert len(found) == 120


async def test_ended_sessions_are_counted_for_each_identity(server: Server) -> None:
    first, second = [(await server.create(email, **WITH_PASSWORD))["id"] for email in (EMAIL, BOSS)]
    for email in (EMAIL, EMAIL, BOSS):
        await server.log_in(email, PASSWORD)
    assert (await server.admin.post("/admin/sessions", json={"action": "disable", "identities": ["*"]})).json()
    ended = {entry["identity_id"]: entry["sessions_total"] for entry in await trail(server, event="SessionRevoked")}
    assert ended == {first: 2, second: 1}
    assert (await server.admin.delete(f"/admin/identities/{first}/sessions")).status_code == 204
    assert (await trail(server))[-1]["sessions_total"] == 2


async def test_what_changes_nothing_leaves_no_entry(server: Server) -> None:
    await server.create(EMAIL)
    body = {"schema_id": "default", "traits": {"email": EMAIL}}
    assert (await server.admin.post("/admin/identities", json=body)).status_code == 409
    assert (await server.admin.delete(f"/admin/identities/{NIL}")).status_code == 404
    assert (await server.admin.delete(f"/admin/sessions/{NIL}")).status_code == 404
    assert (await server.admin.get("/admin/identities")).status_code == 200
    assert await events(server) == ["IdentityCreated"]


async def test_a_change_whose_entry_cannot_be_kept_does_not_happen(server: Server) -> None:
    database = server.runtime.services.database
    table = tables.audit_events.name
    from sqlalchemy import text

    await database.run(single(Statement(text(f"ALTER TABLE {table} RENAME TO elsewhere"), writes=True)))
    body = {"schema_id": "default", "traits": {"email": EMAIL}}
    assert (await server.admin.post("/admin/identities", json=body)).status_code == 500
    assert (await server.log_in(EMAIL, PASSWORD)).status_code == 400, "a refusal is answered all the same"
    await database.run(single(Statement(text(f"ALTER TABLE elsewhere RENAME TO {table}"), writes=True)))
    assert (await server.admin.get("/admin/identities")).json() == []


def single(statement: Statement) -> Any:
    yield statement()


async def test_without_it_nothing_is_kept_and_nothing_shown(dsn: str, tmp_path: Path, time: Time) -> None:
    async with mailing(tmp_path, dsn, clock=time) as server:
        with structlog.testing.capture_logs() as lines:
            await twelve_operations(server)
        answer = await server.admin.get("/admin/audit")
        assert (answer.status_code, "audit.enabled" in answer.text) == (404, True)
        assert (await server.runtime.services.database.fetch(_COUNT()))[0][0] == 0
        assert server.runtime.services.recorder is None, "nothing stands between the server and its database"
        assert not [line for line in lines if line.get("audience") == "audit"]


async def test_it_is_switched_on_and_off_while_the_server_runs(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "kratos.json"
    text = config.read_text()
    for enabled, status in (("false", 404), ("true", 200), ("true", 200)):
        config.write_text(text.replace('"audit": {"enabled": true}', f'"audit": {{"enabled": {enabled}}}'))
        await rebuild(server.runtime, load([str(config)], {}, {}))
        await server.create(f"{enabled}-{len(await shown(server))}@mail.test")
        assert (await server.admin.get("/admin/audit")).status_code == status
    assert await events(server) == ["IdentityCreated", "IdentityCreated"]


async def shown(server: Server) -> list[Any]:
    return list((await server.admin.get("/admin/identities")).json())
