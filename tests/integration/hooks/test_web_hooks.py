"""Web hooks around the flows of a whole server."""

from pathlib import Path

import pytest

from integration.hooks.people import PASSWORD, account, after, hooked, known, sign_up, web_hook
from web_sink import Reply, Sink

pytestmark = pytest.mark.anyio
REFUSAL = {"messages": [{"instance_ptr": "#/traits/email", "messages": [{"id": 7, "text": "no", "type": "error"}]}]}


async def test_a_hook_sees_the_person_and_no_secret_of_theirs(tmp_path: Path, dsn: str, sink: Sink) -> None:
    async with hooked(tmp_path, dsn, sink, after("login", "password", web_hook(sink))) as server:
        await account(server, "ida@mail.test", metadata_admin={"note": "for operators"})
        answer = await server.log_in("ida@mail.test", PASSWORD)
        token = answer.json()["session_token"]
    ctx = sink.asked[0].json
    assert ctx["identity"]["traits"] == {"email": "ida@mail.test"}
    assert ctx["session"]["identity"]["id"] == ctx["identity"]["id"]
    assert {"credentials", "metadata_admin"}.isdisjoint(ctx["identity"])
    for secret in (PASSWORD, token, "for operators"):
        assert secret.encode() not in sink.asked[0].body


async def test_a_hook_sees_only_the_headers_that_are_allowed(tmp_path: Path, dsn: str, sink: Sink) -> None:
    flows = {"login": {"before": {"hooks": [web_hook(sink)]}}}
    allowed = {"web_hook": {"header_allowlist": ["X-Seen"]}}
    async with hooked(tmp_path, dsn, sink, flows, clients=allowed) as server:
        headers = {"x-seen": "yes", "authorization": "Bearer hush", "cookie": "a=b"}
        await server.public.get("/self-service/login/api", headers=headers)
    ctx = sink.asked[0].json
    assert ctx["request_headers"] == {"X-Seen": ["yes"]}
    assert ctx["request_cookies"] == {"a": "b"}
    assert "identity" not in ctx and "session" not in ctx


@pytest.mark.parametrize("kind", ["login", "registration"])
async def test_a_hook_before_a_flow_that_fails_leaves_no_flow(tmp_path: Path, dsn: str, sink: Sink, kind: str) -> None:
    sink.replies["/hook"] = Reply(403)
    async with hooked(tmp_path, dsn, sink, {kind: {"before": {"hooks": [web_hook(sink)]}}}) as server:
        answer = await server.public.get(f"/self-service/{kind}/api")
    assert answer.status_code == 502
    assert "id" not in answer.json()


async def test_f20_nobody_is_stored_when_a_gate_refuses(tmp_path: Path, dsn: str, sink: Sink) -> None:
    sink.replies["/hook"] = Reply(400, REFUSAL)
    gate = after("registration", "password", web_hook(sink, response={"parse": True}))
    async with hooked(tmp_path, dsn, sink, gate) as server:
        answer = await sign_up(server, "ida@mail.test")
        assert answer.status_code == 400
        (node,) = (n for n in answer.json()["ui"]["nodes"] if n["attributes"]["name"] == "traits.email")
        assert [message["id"] for message in node["messages"]] == [7]
        assert await known(server, "ida@mail.test") == []


@pytest.mark.parametrize("mode", [{"response": {"parse": True}}, {"can_interrupt": True}])
@pytest.mark.parametrize("reply", [Reply(500), Reply(400), Reply(400, b"garbage")])
async def test_f20_nobody_is_stored_when_a_gate_fails(
    tmp_path: Path, dsn: str, sink: Sink, mode: dict[str, object], reply: Reply
) -> None:
    sink.replies["/hook"] = reply
    async with hooked(tmp_path, dsn, sink, after("registration", "password", web_hook(sink, **mode))) as server:
        answer = await sign_up(server, "ida@mail.test")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == 500
        assert await known(server, "ida@mail.test") == []


async def test_a_gate_may_change_who_signs_up_but_not_past_the_schema(tmp_path: Path, dsn: str, sink: Sink) -> None:
    gate = after("registration", "password", web_hook(sink, response={"parse": True}), {"hook": "session"})
    async with hooked(tmp_path, dsn, sink, gate) as server:
        sink.replies["/hook"] = Reply(200, {"identity": {"traits": {"email": "no address"}}})
        refused = await sign_up(server, "ida@mail.test")
        assert refused.status_code == 400
        sink.replies["/hook"] = Reply(200, {"identity": {"traits": {"email": "eva@mail.test"}, "metadata_admin": 1}})
        answer = await sign_up(server, "ida@mail.test")
        assert answer.json()["identity"]["traits"] == {"email": "eva@mail.test"}
        (found,) = await known(server, "eva@mail.test")
        assert found["metadata_admin"] == 1
        assert await known(server, "ida@mail.test") == []


async def test_a_gate_cannot_take_an_address_that_somebody_has(tmp_path: Path, dsn: str, sink: Sink) -> None:
    gate = after("registration", "password", web_hook(sink, response={"parse": True}))
    async with hooked(tmp_path, dsn, sink, gate) as server:
        await account(server, "eva@mail.test")
        sink.replies["/hook"] = Reply(200, {"identity": {"traits": {"email": "eva@mail.test"}}})
        answer = await sign_up(server, "ida@mail.test")
        assert answer.status_code == 400
        assert answer.json()["ui"]["messages"][0]["id"] == 4000007
        assert len(await known(server, "eva@mail.test")) == 1


async def test_hooks_run_in_their_order_until_one_stops_the_flow(tmp_path: Path, dsn: str, sink: Sink) -> None:
    sink.replies["/two"] = Reply(404)
    hooks = [web_hook(sink, path, "function(ctx) {}") for path in ("/one", "/two", "/three")]
    async with hooked(tmp_path, dsn, sink, after("login", "password", *hooks)) as server:
        await account(server, "ida@mail.test")
        assert (await server.log_in("ida@mail.test", PASSWORD)).status_code == 502
    assert [asked.path for asked in sink.asked] == ["/one", "/two"]


async def test_a_login_that_a_hook_stops_leaves_no_session(tmp_path: Path, dsn: str, sink: Sink) -> None:
    sink.replies["/hook"] = Reply(400, {"messages": [{"messages": [{"id": 9, "text": "not now", "type": "error"}]}]})
    gate = after("login", "password", web_hook(sink, can_interrupt=True))
    async with hooked(tmp_path, dsn, sink, gate) as server:
        identity = await account(server, "ida@mail.test")
        answer = await server.log_in("ida@mail.test", PASSWORD)
        assert answer.status_code == 400
        assert [message["id"] for message in answer.json()["ui"]["messages"]] == [9]
        sessions = await server.admin.get(f"/admin/identities/{identity['id']}/sessions")
        assert sessions.json() == []


async def test_what_a_login_hook_says_about_a_person_is_not_stored(tmp_path: Path, dsn: str, sink: Sink) -> None:
    sink.replies["/hook"] = Reply(200, {"identity": {"metadata_public": {"seen": True}, "state": "inactive"}})
    gate = after("login", "password", web_hook(sink, response={"parse": True}))
    async with hooked(tmp_path, dsn, sink, gate) as server:
        identity = await account(server, "ida@mail.test")
        assert (await server.log_in("ida@mail.test", PASSWORD)).status_code == 200
        stored = (await server.admin.get(f"/admin/identities/{identity['id']}")).json()
    assert (stored["metadata_public"], stored["state"]) == (None, "active")


async def test_settings_may_be_changed_or_refused(tmp_path: Path, dsn: str, sink: Sink) -> None:
    gate = after("settings", "profile", web_hook(sink, response={"parse": True}))
    async with hooked(tmp_path, dsn, sink, gate) as server:
        identity = await account(server, "ida@mail.test")
        token = (await server.log_in("ida@mail.test", PASSWORD)).json()["session_token"]
        headers = {"x-session-token": token}
        flow = (await server.public.get("/self-service/settings/api", headers=headers)).json()["id"]
        body = {"method": "profile", "traits": {"email": "eva@mail.test"}}
        sink.replies["/hook"] = Reply(400, REFUSAL)
        refused = await server.public.post(f"/self-service/settings?flow={flow}", json=body, headers=headers)
        assert refused.status_code == 400
        assert sink.asked[-1].json["session"]["identity"]["traits"] == {"email": "eva@mail.test"}
        assert await known(server, "eva@mail.test") == []
        sink.replies["/hook"] = Reply(200, {"identity": {"metadata_public": 5}})
        saved = await server.public.post(f"/self-service/settings?flow={flow}", json=body, headers=headers)
        assert saved.status_code == 200
        stored = (await server.admin.get(f"/admin/identities/{identity['id']}")).json()
    assert (stored["traits"], stored["metadata_public"]) == ({"email": "eva@mail.test"}, 5)
