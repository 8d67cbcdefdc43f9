"""Hooks that make people prove their addresses, and those that write to them."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.hooks.people import JSON, PASSWORD, account, after, hooked, sign_up
from integration.threats.people import browser, flow_of
from server_kit import Server
from web_sink import Sink

pytestmark = pytest.mark.anyio
VERIFICATION = {"verification": {"enabled": True}}
HOLD_BACK = {**VERIFICATION, **after("login", "password", {"hook": "require_verified_address"})}
SHOW = {**VERIFICATION, **after("registration", "password", {"hook": "session"}, {"hook": "show_verification_ui"})}


async def mails(server: Server, to: str) -> list[dict[str, Any]]:
    """Messages to an address, the newest first."""
    return list((await server.admin.get("/admin/courier/messages", params={"recipient": to})).json())


async def code(server: Server, to: str) -> str:
    """The code of the newest message."""
    found = re.search(r"\b\d{6}\b", (await mails(server, to))[0]["body"])
    assert found
    return found[0]


async def prove(server: Server, flow: str, to: str) -> httpx2.Response:
    body = {"method": "code", "code": await code(server, to)}
    return await server.public.post(f"/self-service/verification?flow={flow}", json=body)


async def test_nobody_signs_in_before_an_address_is_verified(tmp_path: Path, dsn: str, sink: Sink) -> None:
    async with hooked(tmp_path, dsn, sink, HOLD_BACK) as server:
        identity = await account(server, "ida@mail.test")
        held = await server.log_in("ida@mail.test", PASSWORD)
        assert (held.status_code, held.json()["error"]["id"]) == (403, "session_verified_address_required")
        (step,) = held.json()["error"]["details"]["continue_with"]
        sessions = await server.admin.get(f"/admin/identities/{identity['id']}/sessions")
        assert sessions.json() == []
        assert (await prove(server, step["flow"]["id"], "ida@mail.test")).json()["state"] == "passed_challenge"
        assert (await server.log_in("ida@mail.test", PASSWORD)).status_code == 200


async def test_a_wrong_password_sends_no_mail(tmp_path: Path, dsn: str, sink: Sink) -> None:
    async with hooked(tmp_path, dsn, sink, HOLD_BACK) as server:
        await account(server, "ida@mail.test")
        assert (await server.log_in("ida@mail.test", "nope-9-Mill-Sail")).status_code == 400
        assert await mails(server, "ida@mail.test") == []


async def test_holding_back_again_and_again_is_no_mail_bomb(tmp_path: Path, dsn: str, sink: Sink) -> None:
    limited = {"brute_force": {"enabled": True}}
    async with hooked(tmp_path, dsn, sink, HOLD_BACK, security=limited) as server:
        await account(server, "ida@mail.test")
        for _ in range(8):
            assert (await server.log_in("ida@mail.test", PASSWORD)).status_code == 403
        assert len(await mails(server, "ida@mail.test")) == 5


async def test_the_older_way_is_a_message_and_no_mail(tmp_path: Path, dsn: str, sink: Sink) -> None:
    older = {"legacy_require_verified_login_error": True}
    async with hooked(tmp_path, dsn, sink, HOLD_BACK, feature_flags=older) as server:
        await account(server, "ida@mail.test")
        answer = await server.log_in("ida@mail.test", PASSWORD)
        assert [message["id"] for message in answer.json()["ui"]["messages"]] == [4000010]
        assert await mails(server, "ida@mail.test") == []


async def test_without_a_way_to_verify_people_are_told_in_the_form(tmp_path: Path, dsn: str, sink: Sink) -> None:
    flows = {**HOLD_BACK, "verification": {"enabled": False}}
    async with hooked(tmp_path, dsn, sink, flows) as server:
        await account(server, "ida@mail.test")
        answer = await server.log_in("ida@mail.test", PASSWORD)
        assert [message["id"] for message in answer.json()["ui"]["messages"]] == [4000010]


async def test_a_sign_up_sends_a_mail_although_no_hook_says_so(tmp_path: Path, dsn: str, sink: Sink) -> None:
    async with hooked(tmp_path, dsn, sink, VERIFICATION) as server:
        answer = (await sign_up(server, "ida@mail.test")).json()
        assert [step["action"] for step in answer["continue_with"]] == ["set_ory_session_token"]
        assert answer["identity"]["verifiable_addresses"][0]["status"] == "sent"
        assert len(await mails(server, "ida@mail.test")) == 1


async def test_the_older_flag_tells_clients_always(tmp_path: Path, dsn: str, sink: Sink) -> None:
    older = {"legacy_continue_with_verification_ui": True}
    async with hooked(tmp_path, dsn, sink, VERIFICATION, feature_flags=older) as server:
        steps = (await sign_up(server, "ida@mail.test")).json()["continue_with"]
    assert [step["action"] for step in steps] == ["show_verification_ui", "set_ory_session_token"]


async def test_the_browser_that_signed_up_can_go_on_and_no_other(tmp_path: Path, dsn: str, sink: Sink) -> None:
    async with hooked(tmp_path, dsn, sink, SHOW) as server:
        who = browser(server)
        flow, token = await flow_of(who, "registration")
        form = {"method": "password", "csrf_token": token, "password": PASSWORD, "traits.email": "ida@mail.test"}
        answer = await who.post(f"/self-service/registration?flow={flow}", data=form)
        assert answer.status_code == 303
        verification = httpx2.URL(answer.headers["location"]).params["flow"]
        address = f"/self-service/verification/flows?id={verification}"
        assert (await who.get(address, headers=JSON)).json()["state"] == "sent_email"
        assert (await browser(server).get(address, headers=JSON)).status_code == 403


async def test_a_verification_does_not_return_to_where_it_may_not(tmp_path: Path, dsn: str, sink: Sink) -> None:
    async with hooked(tmp_path, dsn, sink, SHOW) as server:
        query = "?after_verification_return_to=https://evil.test/"
        answer = await server.public.get(f"/self-service/registration/api{query}")
        assert answer.status_code == 400


async def test_all_addresses_are_asked_in_the_order_of_the_schema(
    tmp_path: Path, dsn: str, sink: Sink, two_addresses: dict[str, Any]
) -> None:
    older = {"legacy_continue_with_verification_ui": True}
    async with hooked(tmp_path, dsn, sink, SHOW, feature_flags=older, identity=two_addresses) as server:
        traits = {"email": "ida@mail.test", "spare": "ida@spare.test"}
        steps = (await sign_up(server, "", traits=traits)).json()["continue_with"]
        shown = [step["flow"]["verifiable_address"] for step in steps if step["action"] == "show_verification_ui"]
        assert shown == ["ida@mail.test", "ida@spare.test"]
        assert [len(await mails(server, to)) for to in shown] == [1, 1]


@pytest.mark.parametrize(
    ("recipients", "told"),
    [(None, ["ida@mail.test"]), ("removed", ["ida@mail.test"]), ("all", ["ida@mail.test"]), ("all_verified", [])],
)
async def test_the_address_before_is_told_about_the_one_after(
    tmp_path: Path, dsn: str, sink: Sink, recipients: str | None, told: list[str]
) -> None:
    config = {"config": {"recipients": recipients}} if recipients else {}
    flows = after("settings", "profile", {"hook": "notify_previous_addresses", **config})
    async with hooked(tmp_path, dsn, sink, flows) as server:
        await account(server, "ida@mail.test")
        headers = {"x-session-token": (await server.log_in("ida@mail.test", PASSWORD)).json()["session_token"]}
        for email in ("ida@mail.test", "eva@mail.test"):
            flow = (await server.public.get("/self-service/settings/api", headers=headers)).json()["id"]
            body = {"method": "profile", "traits": {"email": email}}
            saved = await server.public.post(f"/self-service/settings?flow={flow}", json=body, headers=headers)
            assert saved.status_code == 200
        found = (await server.admin.get("/admin/courier/messages")).json()
    assert [(message["recipient"], message["template_type"]) for message in found] == [
        (to, "verifiable_address_changed") for to in told
    ]
