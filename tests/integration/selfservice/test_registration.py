"""Signing up, beyond what the recordings show."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from identity_server.errors import ApiError, StorageUnavailable
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused, Verdict
from identity_server.identity.model import Identity
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.passwords.errors import BreachServiceFailed
from identity_server.session.model import Session
from integration.threats.people import JSON, PASSWORD, browser, flow_of, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
FORM = {"method": "password", "password": PASSWORD, "traits": {"email": "ivy@mail.test"}}
TWO_STEPS = {"selfservice": {"flows": {"registration": {"enable_legacy_one_step": False}}}}


async def submit(server: Server, form: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    answer = await server.public.post(f"/self-service/registration?flow={flow}", json=form)
    return answer.status_code, answer.json()


def messages(flow: dict[str, Any]) -> dict[str, list[int]]:
    """Ids of messages by field; those of the form under nothing."""
    found = {"": [each["id"] for each in flow["ui"].get("messages", ())]}
    for node in flow["ui"]["nodes"]:
        found.setdefault(node["attributes"]["name"], []).extend(each["id"] for each in node["messages"])
    return {name: ids for name, ids in found.items() if ids}


async def accounts(server: Server) -> int:
    return len((await server.admin.get("/admin/identities")).json())


async def test_an_unknown_method_says_so(server: Server) -> None:
    status, flow = await submit(server, {**FORM, "method": "guess"})
    assert (status, messages(flow)) == (400, {"": [4010003]})


async def test_a_body_that_cannot_be_read_says_so(server: Server) -> None:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    headers = {"content-type": "application/json"}
    answer = await server.public.post(f"/self-service/registration?flow={flow}", content=b"{", headers=headers)
    assert (answer.status_code, messages(answer.json())) == (400, {"": [4000001]})


async def test_the_password_and_the_traits_are_told_of_at_once(server: Server) -> None:
    status, flow = await submit(server, {"method": "password", "traits": {}})
    assert (status, messages(flow)) == (400, {"traits.email": [4000002], "password": [4000002]})


async def test_a_password_that_bcrypt_would_cut_is_refused(server: Server) -> None:
    status, flow = await submit(server, {**FORM, "password": "é" * 40})
    assert (status, messages(flow)) == (400, {"password": [4000033]})


async def test_what_was_typed_stays_and_the_password_does_not(server: Server) -> None:
    _, flow = await submit(server, {**FORM, "password": "short"})
    values = {node["attributes"]["name"]: node["attributes"].get("value") for node in flow["ui"]["nodes"]}
    assert values["traits.email"] == "ivy@mail.test" and values["password"] is None
    assert "short" not in str(flow)


@pytest.mark.parametrize(
    ("dev", "rules", "refused"),
    [
        (False, {"haveibeenpwned_enabled": True, "haveibeenpwned_host": "127.0.0.1:9"}, True),
        (False, {"haveibeenpwned_enabled": False}, False),
        (False, {"haveibeenpwned_enabled": False, "common_passwords_enabled": True}, True),
        (True, {"haveibeenpwned_enabled": True, "haveibeenpwned_host": "127.0.0.1:9"}, False),
        (True, {"common_passwords_enabled": True}, True),
    ],
)
async def test_who_refuses_common_passwords(tmp_path: Path, dev: bool, rules: dict[str, object], refused: bool) -> None:
    overrides = {
        "dev": dev,
        "hashers": {"algorithm": "bcrypt"},
        "selfservice": {"methods": {"password": {"config": rules}}},
    }
    async with serving(tmp_path, overrides=overrides) as server:
        status, flow = await submit(server, {**FORM, "password": "password123"})
        if refused:
            assert (status, messages(flow)) == (400, {"password": [4000034]})
        else:
            assert status == 200


async def test_without_an_answer_about_breaches_there_is_no_account(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(*_: object) -> None:
        raise BreachServiceFailed(503)

    monkeypatch.setattr(server.runtime.services.policy, "check", check)
    status, body = await submit(server, FORM)
    assert (status, body["error"]["id"]) == (502, "upstream_error")
    assert await accounts(server) == 0


async def test_a_flow_from_before_registration_was_switched_off_makes_no_account(dsn: str, tmp_path: Path) -> None:
    async with serving(tmp_path, dsn) as server:
        flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    off = {"selfservice": {"flows": {"registration": {"enabled": False}}}}
    async with serving(tmp_path, dsn, off) as server:
        answer = await server.public.post(f"/self-service/registration?flow={flow}", json=FORM)
        assert (answer.status_code, answer.json()["error"]["id"]) == (400, "self_service_flow_disabled")
        assert await accounts(server) == 0


async def test_a_second_step_goes_back_and_forth(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=TWO_STEPS) as server, browser(server) as ivy:
        flow, token = await flow_of(ivy, "registration")
        url, email = f"/self-service/registration?flow={flow}", {"traits.email": "ivy@mail.test"}
        shown = f"/self-service/registration/flows?id={flow}"

        async def types_after(**fields: str) -> dict[str, str]:
            answer = await ivy.post(url, data={"csrf_token": token, **email, **fields})
            assert answer.status_code == 303
            nodes = (await ivy.get(shown, headers=JSON)).json()["ui"]["nodes"]
            return {node["attributes"]["name"]: node["attributes"]["type"] for node in nodes}

        assert (await types_after(method="profile"))["traits.email"] == "hidden"
        back = await types_after(screen="previous")
        assert (back["traits.email"], "password" in back) == ("email", False)
        forth = await types_after(screen="credential-selection")
        assert (forth["traits.email"], "password" in forth) == ("hidden", True)
        done = await ivy.post(url, data={"csrf_token": token, **email, "method": "password", "password": PASSWORD})
        assert done.status_code == 303
        assert (await whoami(ivy)).json()["identity"]["traits"] == {"email": "ivy@mail.test"}


async def test_an_expired_flow_is_replaced_by_one_with_the_same_aim(dsn: str, tmp_path: Path) -> None:
    short = {
        "selfservice": {
            "flows": {"registration": {"lifespan": "1ms"}},
            "allowed_return_urls": ["https://app.test/cb"],
        }
    }
    async with serving(tmp_path, dsn, short) as server:
        start = "/self-service/registration/api?return_to=https://app.test/cb"
        flow = (await server.public.get(start)).json()
        answer = await server.public.post(f"/self-service/registration?flow={flow['id']}", json=FORM)
        assert (answer.status_code, answer.json()["error"]["id"]) == (410, "self_service_flow_expired")
        found = await server.runtime.services.flows.find("registration", answer.json()["use_flow_id"])
        assert found is not None
        assert (found.return_to, found.request_url) == ("https://app.test/cb", flow["request_url"])
        assert [each.id for each in found.ui.messages] == [4040001]


@pytest.mark.parametrize("hints", [False, True])
async def test_a_taken_name_is_told_with_hints_where_wanted(hints: bool, tmp_path: Path) -> None:
    overrides = {"selfservice": {"flows": {"registration": {"login_hints": hints}}}}
    async with serving(tmp_path, overrides=overrides) as server:
        await sign_up(server, "ivy@mail.test")
        _, flow = await submit(server, {**FORM, "traits": {"email": "IVY@mail.test"}})
        message = flow["ui"]["messages"][0]
        assert message["id"] == (4000028 if hints else 4000007)
        if hints:
            assert message["context"] == {
                "available_credential_types": ["password"],
                "available_oidc_providers": [],
                "credential_identifier_hint": "ivy@mail.test",
            }


class Hooks(HookRunner):
    """Hooks that say what a test wants."""

    before_persist: Verdict = Proceed()
    afterwards: Verdict = Proceed()

    async def before_registration_persist(self, context: StepContext, method: str, identity: Identity) -> Verdict:
        identity.metadata_public = {"from": "hook"}
        return self.before_persist

    async def after_registration(
        self, context: StepContext, method: str, identity: Identity, session: Session | None
    ) -> Verdict:
        return self.afterwards


@pytest.fixture
def hooks(server: Server) -> Hooks:
    """The hooks of the server."""
    found = Hooks(server.runtime.services)
    server.runtime.selfservice.registration.sign_up.hooks = found
    return found


REFUSAL = Message(4000001, "come back tomorrow", "error", {"reason": "tomorrow"})


async def test_a_hook_may_refuse_before_anything_is_stored(server: Server, hooks: Hooks) -> None:
    hooks.before_persist = Interrupted([("", REFUSAL), ("traits.email", REFUSAL)])
    status, flow = await submit(server, FORM)
    assert (status, messages(flow)) == (400, {"": [4000001], "traits.email": [4000001]})
    assert await accounts(server) == 0


async def test_a_hook_may_change_what_is_stored(server: Server, hooks: Hooks) -> None:
    del hooks
    status, body = await submit(server, FORM)
    assert (status, body["identity"]["metadata_public"]) == (200, {"from": "hook"})


async def test_a_hook_that_fails_afterwards_leaves_the_account(server: Server, hooks: Hooks) -> None:
    hooks.afterwards = Refused(ApiError(502, "The other system failed."))
    status, body = await submit(server, FORM)
    assert (status, body["error"]["code"]) == (502, 502)
    assert await accounts(server) == 1


async def test_a_hook_may_send_a_browser_elsewhere_and_tell_scripts_what_comes_next(
    server: Server, hooks: Hooks
) -> None:
    step = {"action": "show_verification_ui", "flow": {"id": "x", "verifiable_address": "ivy@mail.test"}}
    hooks.afterwards = Proceed([step], page="https://app.test/verify")
    async with browser(server) as ivy:
        flow, token = await flow_of(ivy, "registration")
        form = {"method": "password", "password": PASSWORD, "csrf_token": token, "traits.email": "ivy@mail.test"}
        page = await ivy.post(f"/self-service/registration?flow={flow}", data=form)
        assert page.headers["location"] == "https://app.test/verify"
    _, body = await submit(server, {**FORM, "traits": {"email": "two@mail.test"}})
    assert [each["action"] for each in body["continue_with"]] == ["show_verification_ui", "set_ory_session_token"]


async def test_without_a_session_there_is_no_account(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-up is stored whole or not at all."""

    def failing(session: Session) -> Any:
        raise StorageUnavailable(session.id)
        yield

    monkeypatch.setattr(server.runtime.services.sessions, "inserting", failing)
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    form = {"method": "password", "password": PASSWORD, "traits": {"email": "sam@mail.test"}}
    assert (await server.public.post(f"/self-service/registration?flow={flow}", json=form)).status_code == 503
    assert (await server.admin.get("/admin/identities")).json() == []
    monkeypatch.undo()
    assert (await server.public.post(f"/self-service/registration?flow={flow}", json=form)).status_code == 200


async def test_traits_without_a_name_to_sign_in_with_make_no_account(tmp_path: Path) -> None:
    nameless = {
        "type": "object",
        "properties": {"traits": {"type": "object", "properties": {"nick": {"type": "string"}}}},
    }
    url = "base64://" + base64.b64encode(json.dumps(nameless).encode()).decode()
    async with serving(tmp_path, overrides={"identity": {"schemas": [{"id": "default", "url": url}]}}) as server:
        status, flow = await submit(server, {**FORM, "traits": {"nick": "ivy"}})
        assert (status, messages(flow)) == (400, {"": [4000009]})
        assert await accounts(server) == 0


async def test_fields_may_stand_with_the_password(tmp_path: Path) -> None:
    overrides = {"feature_flags": {"password_profile_registration_node_group": "password"}}
    async with serving(tmp_path, overrides=overrides) as server:
        flow = (await server.public.get("/self-service/registration/api")).json()
        groups = {node["attributes"]["name"]: node["group"] for node in flow["ui"]["nodes"]}
        assert groups["traits.email"] == "password"
