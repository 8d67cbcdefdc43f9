"""Signing in, beyond what the recordings show."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from identity_server.errors import ApiError
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused, Verdict
from identity_server.identity.model import Identity
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.outbound.answers import Answer
from identity_server.outbound.errors import OutboundError, Reason
from identity_server.passwords.errors import PoolBusy
from identity_server.session.model import Session
from integration.threats.people import JSON, PASSWORD, browser, flow_of, sign_in, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
TWO_STEPS = {"selfservice": {"flows": {"login": {"style": "identifier_first"}}}}


def messages(flow: dict[str, Any]) -> list[int]:
    return [each["id"] for each in flow["ui"].get("messages", ())]


async def test_an_unknown_method_says_so(server: Server) -> None:
    flow = (await server.public.get("/self-service/login/api")).json()["id"]
    answer = await server.public.post(f"/self-service/login?flow={flow}", json={"method": "guess"})
    assert (answer.status_code, messages(answer.json())) == (400, [4010002])


@pytest.mark.parametrize("kind", ["login", "registration", "settings"])
@pytest.mark.parametrize(
    ("flow", "status"), [("", 400), ("nonsense", 404), ("7d6b1c3a-0b7e-4f1c-9d59-1f0a3c1b2d4e", 404)]
)
async def test_a_flow_that_does_not_exist(kind: str, flow: str, status: int, server: Server) -> None:
    answer = await sign_up(server, "ada@mail.test")
    own = {"x-session-token": answer["session_token"]} if kind == "settings" else {}
    posted = await server.public.post(f"/self-service/{kind}?flow={flow}", json={"method": "password"}, headers=own)
    assert posted.status_code == status
    fetched = await server.public.get(f"/self-service/{kind}/flows?id={flow}", headers=own)
    assert fetched.status_code == 404


async def test_a_flow_of_one_kind_is_none_of_another(server: Server) -> None:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    assert (await server.public.get(f"/self-service/login/flows?id={flow}")).status_code == 404


@pytest.mark.parametrize("aal", ["aal0", "aal3", "AAL2", "2"])
async def test_an_unknown_level_is_refused(aal: str, server: Server) -> None:
    assert (await server.public.get(f"/self-service/login/api?aal={aal}")).status_code == 400


async def test_the_second_of_two_screens_offers_what_the_account_has(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=TWO_STEPS) as server:
        await sign_up(server, "ada@mail.test")
        flow = (await server.public.get("/self-service/login/api")).json()["id"]
        body = {"method": "identifier_first", "identifier": "ada@mail.test"}
        shown = (await server.public.post(f"/self-service/login?flow={flow}", json=body)).json()
        assert {node["attributes"]["name"] for node in shown["ui"]["nodes"]} == {
            "identifier",
            "csrf_token",
            "password",
            "method",
        }
        answer = {"method": "password", "identifier": "ada@mail.test", "password": PASSWORD}
        assert (await server.public.post(f"/self-service/login?flow={flow}", json=answer)).status_code == 200


@pytest.mark.parametrize("name", ["nobody@mail.test", "bare@mail.test", "control\u0007", "x" * 2000])
@pytest.mark.parametrize("mitigate", [True, False])
async def test_who_cannot_sign_in_is_told_so_unless_that_is_a_secret(name: str, mitigate: bool, tmp_path: Path) -> None:
    overrides = {**TWO_STEPS, "security": {"account_enumeration": {"mitigate": mitigate}}}
    async with serving(tmp_path, overrides=overrides) as server:
        await server.create("bare@mail.test")
        flow = (await server.public.get("/self-service/login/api")).json()["id"]
        body = {"method": "identifier_first", "identifier": name}
        shown = (await server.public.post(f"/self-service/login?flow={flow}", json=body)).json()
        names = {node["attributes"]["name"]: [each["id"] for each in node["messages"]] for node in shown["ui"]["nodes"]}
        assert ("password" in names) is mitigate
        assert names["identifier"] == ([] if mitigate else [4000037])


async def test_confirming_a_session_keeps_it_and_its_token(server: Server) -> None:
    first = await sign_up(server, "ada@mail.test")
    own = {"x-session-token": first["session_token"]}
    flow = (await server.public.get("/self-service/login/api?refresh=true", headers=own)).json()
    assert (flow["refresh"], messages(flow)) == (True, [1010003])
    body = {"method": "password", "identifier": "ada@mail.test", "password": PASSWORD}
    answer = (await server.public.post(f"/self-service/login?flow={flow['id']}", json=body, headers=own)).json()
    assert answer["session_token"] == first["session_token"]
    assert answer["session"]["id"] == first["session"]["id"]
    assert answer["session"]["authenticated_at"] > first["session"]["authenticated_at"]


async def test_traits_that_no_longer_fit_keep_nobody_out(dsn: str, tmp_path: Path) -> None:
    async with serving(tmp_path, dsn) as server:
        identity = await server.create("ada@mail.test", credentials={"password": {"config": {"password": PASSWORD}}})
        stored = await server.runtime.services.identities.by_id(identity["id"])
        assert stored is not None
        stored.traits = {"email": "ada@mail.test", "shoe_size": 44}
        await server.runtime.services.identities.update(stored)
    argon = {"hashers": {"algorithm": "argon2", "argon2": {"memory": "1MB", "iterations": 1, "parallelism": 1}}}
    async with serving(tmp_path, dsn, argon) as server:
        assert (await server.log_in("ada@mail.test", PASSWORD)).status_code == 200


async def test_a_login_hook_may_keep_somebody_out(server: Server) -> None:
    class Hooks(HookRunner):
        verdict: Verdict = Proceed()

        async def after_login(self, context: StepContext, method: str, identity: Identity, session: Session) -> Verdict:
            return self.verdict

    hooks = server.runtime.selfservice.login.sign_in.hooks = Hooks(server.runtime.services)
    await sign_up(server, "ada@mail.test")
    hooks.verdict = Interrupted([("", Message(4000010, "not verified", "error"))])
    answer = await server.log_in("ada@mail.test", PASSWORD)
    assert (answer.status_code, messages(answer.json())) == (400, [4000010])
    hooks.verdict = Refused(
        ApiError(403, "Verify first.", id="session_verified_address_required"), "https://app.test/v"
    )
    answer = await server.log_in("ada@mail.test", PASSWORD)
    assert (answer.status_code, answer.json()["error"]["id"]) == (403, "session_verified_address_required")
    async with browser(server) as ada:
        flow, token = await flow_of(ada, "login")
        form = {"method": "password", "identifier": "ada@mail.test", "password": PASSWORD, "csrf_token": token}
        page = await ada.post(f"/self-service/login?flow={flow}", data=form)
        assert page.headers["location"] == "https://app.test/v"
        assert (await whoami(ada)).status_code == 401
    listed = (await server.admin.get("/admin/sessions")).json()
    assert len(listed) == 1, "nothing but the session of the sign-up"


MIGRATION = {
    "selfservice": {
        "methods": {
            "password": {
                "config": {
                    "haveibeenpwned_enabled": False,
                    "migrate_hook": {"enabled": True, "config": {"url": "https://old.test/check"}},
                }
            }
        }
    }
}
ELSEWHERE = {"password": {"config": {"use_password_migration_hook": True}}}


class Old:
    """The other system."""

    def __init__(self, status: int = 200, body: bytes = b'{"status":"password_match"}') -> None:
        self.status, self.body = status, body
        self.asked: list[bytes | None] = []
        self.fault: Exception | None = None

    async def __call__(self, method: str, url: str, headers: dict[str, str], content: bytes) -> Answer:
        self.asked.append(content)
        if self.fault:
            raise self.fault
        return Answer(self.status, {}, self.body, url)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"status":"password_match"}', 200),
        (200, b'{"status":"PASSWORD_MATCH"}', 400),
        (200, b'"password_match"', 400),
        (200, b"", 400),
        (200, b'{"status":"password_match","x":"' + b"x" * 2000 + b'"}', 400),
        (403, b'{"status":"password_match"}', 400),
        (204, b"", 502),
        (302, b"", 502),
        (500, b'{"status":"password_match"}', 502),
    ],
)
async def test_the_other_system_must_say_the_one_word(
    status: int, body: bytes, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, overrides=MIGRATION) as server:
        old = Old(status, body)
        monkeypatch.setattr(server.runtime.services.outbound, "request", old)
        await server.create("yul@mail.test", credentials=ELSEWHERE)
        answer = await server.log_in("yul@mail.test", PASSWORD)
        assert answer.status_code == expected
        again = await server.log_in("yul@mail.test", PASSWORD)
        assert (len(old.asked) == 1) is (expected == 200), "a password that is kept here is asked for no more"
        assert again.status_code == expected


async def test_a_silent_other_system_is_no_wrong_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path, overrides=MIGRATION) as server:
        old = Old()
        old.fault = OutboundError(Reason.TIMEOUT)
        monkeypatch.setattr(server.runtime.services.outbound, "request", old)
        await server.create("yul@mail.test", credentials=ELSEWHERE)
        assert (await server.log_in("yul@mail.test", PASSWORD)).status_code == 502


async def test_without_the_hook_such_an_account_is_the_operators_matter(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.create("yul@mail.test", credentials=ELSEWHERE)
        answer = await server.log_in("yul@mail.test", PASSWORD)
        assert (answer.status_code, answer.json()["error"]["id"]) == (500, "invalid_configuration")


async def test_who_signs_out_twice_is_not_bothered(server: Server) -> None:
    await sign_up(server, "ada@mail.test")
    async with browser(server) as ada:
        await sign_in(ada, "ada@mail.test")
        kept = ada.cookies["ory_kratos_session"]
        link = (await ada.get("/self-service/logout/browser", headers=JSON)).json()["logout_url"]
        assert (await ada.get(link)).status_code == 303
        assert "ory_kratos_session" not in ada.cookies
        ada.cookies.set("ory_kratos_session", kept, domain="127.0.0.1", path="/")
        assert (await ada.get(link)).headers["location"] == "https://app.test/home"


async def test_when_too_many_passwords_wait_the_client_is_told_when_to_come_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> bool:
        raise PoolBusy(7)

    monkeypatch.setattr(server.runtime.services.hashing, "dummy_verify", busy)
    answer = await server.log_in("nobody@mail.test", PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


async def test_a_browser_forgets_everything_where_that_is_wanted(tmp_path: Path) -> None:
    overrides = {
        "serve": {"public": {"base_url": "https://127.0.0.1:4433/"}},
        "selfservice": {"flows": {"logout": {"clear_browser_data": True}}},
    }
    async with serving(tmp_path, overrides=overrides) as server, browser(server) as ada:
        await sign_up(server, "ada@mail.test")
        await sign_in(ada, "ada@mail.test")
        token = (await ada.get("/self-service/logout/browser", headers=JSON)).json()["logout_token"]
        answer = await ada.get("/self-service/logout", params={"token": token})
        assert answer.headers["clear-site-data"] == '"cookies", "storage", "cache"'


async def test_password_managers_find_the_page(server: Server) -> None:
    answer = await server.public.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["location"]) == (303, "http://127.0.0.1:4433/ui/settings")


async def test_the_body_for_the_other_system_may_be_made_by_jsonnet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snippet = "function(ctx) {user: ctx.identifier, word: ctx.password, id: ctx.identity.id, flow: ctx.flow.type}"
    body = "base64://" + base64.b64encode(snippet.encode()).decode()
    config = {"url": "https://old.test/check", "body": body}
    hook = {"selfservice": {"methods": {"password": {"config": {"migrate_hook": {"enabled": True, "config": config}}}}}}
    async with serving(tmp_path, overrides=hook) as server:
        old = Old()
        monkeypatch.setattr(server.runtime.services.outbound, "request", old)
        identity = await server.create("yul@mail.test", credentials=ELSEWHERE)
        assert (await server.log_in("yul@mail.test", PASSWORD)).status_code == 200
        assert json.loads(old.asked[0] or b"") == {
            "user": "yul@mail.test",
            "word": PASSWORD,
            "id": identity["id"],
            "flow": "api",
        }


@pytest.mark.parametrize("snippet", ["function(ctx) ctx.nothing", "(", "import '/etc/passwd'"])
async def test_a_broken_body_is_the_operators_matter(
    snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"url": "https://old.test/check", "body": "base64://" + base64.b64encode(snippet.encode()).decode()}
    hook = {"selfservice": {"methods": {"password": {"config": {"migrate_hook": {"enabled": True, "config": config}}}}}}
    async with serving(tmp_path, overrides=hook) as server:
        old = Old()
        monkeypatch.setattr(server.runtime.services.outbound, "request", old)
        await server.create("yul@mail.test", credentials=ELSEWHERE)
        answer = await server.log_in("yul@mail.test", PASSWORD)
        assert (answer.status_code, answer.json()["error"]["id"]) == (500, "invalid_configuration")
        assert old.asked == [] and PASSWORD not in answer.text


async def test_the_error_page_reads_what_happened(server: Server) -> None:
    page = await server.public.get("/self-service/login/browser?aal=aal9")
    error_id = page.headers["location"].partition("id=")[2]
    shown = (await server.public.get("/self-service/errors", params={"id": error_id})).json()
    assert (shown["id"], shown["error"]["code"]) == (error_id, 400)
    sample = (await server.public.get("/self-service/errors?id=stub:500")).json()
    assert sample["error"]["code"] == 500
    for unknown in ("", "nothing", "7d6b1c3a-0b7e-4f1c-9d59-1f0a3c1b2d4e"):
        assert (await server.public.get("/self-service/errors", params={"id": unknown})).status_code == 404


async def test_somebody_signed_in_is_sent_on(server: Server) -> None:
    await sign_up(server, "ada@mail.test")
    async with browser(server) as ada:
        flow, token = await flow_of(ada, "login")
        await sign_in(ada, "ada@mail.test")
        for kind in ("login", "registration"):
            page = await ada.get(f"/self-service/{kind}/browser")
            assert page.headers["location"] == "https://app.test/home"
            script = await ada.get(f"/self-service/{kind}/browser", headers=JSON)
            assert script.json()["error"]["id"] == "session_already_available"
        form = {"method": "password", "identifier": "ada@mail.test", "password": PASSWORD, "csrf_token": token}
        page = await ada.post(f"/self-service/login?flow={flow}", data=form)
        assert (page.status_code, page.headers["location"]) == (303, "https://app.test/home")


async def test_the_second_factor_needs_a_first_one(server: Server) -> None:
    answer = await server.public.get("/self-service/login/api?aal=aal2")
    assert (answer.status_code, answer.json()["error"]["id"]) == (401, "session_aal1_required")
