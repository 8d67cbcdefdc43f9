"""Changing an account, beyond what the recordings show."""

from pathlib import Path
from typing import Any

import pytest

from identity_server.errors import ApiError
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused, Verdict
from identity_server.identity.model import Identity
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.session.model import Session
from integration.threats.people import JSON, PASSWORD, browser, flow_of, sign_in, sign_up
from server_kit import Server, serving

pytestmark = pytest.mark.anyio


class App:
    """An app in which somebody is signed in."""

    def __init__(self, server: Server, answer: dict[str, Any]) -> None:
        self.server = server
        self.headers = {"x-session-token": str(answer["session_token"])}
        self.id = answer["identity"]["id"]

    async def change(self, **form: Any) -> tuple[int, dict[str, Any]]:
        public = self.server.public
        public.cookies.clear()
        flow = (await public.get("/self-service/settings/api", headers=self.headers)).json()["id"]
        answer = await public.post(f"/self-service/settings?flow={flow}", json=form, headers=self.headers)
        return answer.status_code, answer.json()


@pytest.fixture
async def app(server: Server) -> App:
    return App(server, await sign_up(server, "sam@mail.test"))


def messages(flow: dict[str, Any]) -> dict[str, list[int]]:
    found = {"": [each["id"] for each in flow["ui"].get("messages", ())]}
    for node in flow["ui"]["nodes"]:
        found.setdefault(node["attributes"]["name"], []).extend(each["id"] for each in node["messages"])
    return {name: ids for name, ids in found.items() if ids}


async def test_an_unknown_method_says_so(app: App) -> None:
    status, flow = await app.change(method="guess")
    assert (status, messages(flow)) == (400, {"": [4010004]})


async def test_a_method_that_is_off_is_nowhere(app: App) -> None:
    assert (await app.change(method="totp", totp_code="000000"))[0] == 404


async def test_the_old_password_is_no_new_one(app: App) -> None:
    status, flow = await app.change(method="password", password=PASSWORD)
    assert (status, messages(flow)) == (400, {"password": [4000039]})


async def test_somebody_elses_name_stays_theirs(app: App) -> None:
    await sign_up(app.server, "tess@mail.test")
    status, flow = await app.change(method="profile", traits={"email": "TESS@mail.test"})
    assert (status, messages(flow)) == (400, {"": [4000007]})
    kept = (await app.server.admin.get(f"/admin/identities/{app.id}")).json()
    assert kept["traits"] == {"email": "sam@mail.test"}


async def test_a_changed_name_signs_in_and_the_old_one_does_not(app: App) -> None:
    assert (await app.change(method="profile", traits={"email": "new@mail.test"}))[0] == 200
    app.server.public.cookies.clear()
    assert (await app.server.log_in("new@mail.test", PASSWORD)).status_code == 200
    assert (await app.server.log_in("sam@mail.test", PASSWORD)).status_code == 400


async def test_a_new_address_is_not_verified(app: App) -> None:
    services = app.server.runtime.services
    identity = await services.identities.by_id(app.id)
    assert identity is not None
    identity.verifiable_addresses[0].verified = True
    await services.identities.update(identity)
    status, flow = await app.change(method="profile", traits={"email": "new@mail.test"})
    shown = [(each["value"], each["verified"]) for each in flow["identity"]["verifiable_addresses"]]
    assert (status, shown) == (200, [("new@mail.test", False)])


async def test_the_form_after_a_change_takes_the_next_one(app: App) -> None:
    _, flow = await app.change(method="profile", traits={"email": "sam@mail.test"})
    following = flow["ui"]["action"].partition("flow=")[2]
    assert following != flow["id"]
    answer = await app.server.public.post(
        f"/self-service/settings?flow={following}",
        json={"method": "profile", "traits": {"email": "sam@mail.test"}},
        headers=app.headers,
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "success")


async def test_who_lost_their_session_is_sent_to_sign_in(server: Server) -> None:
    await sign_up(server, "sam@mail.test")
    async with browser(server) as sam:
        await sign_in(sam, "sam@mail.test")
        flow, token = await flow_of(sam, "settings")
        sam.cookies.delete("ory_kratos_session")
        form = {"method": "password", "password": "new-Meadow-58-Plough", "csrf_token": token}
        page = await sam.post(f"/self-service/settings?flow={flow}", data=form)
        assert page.headers["location"] == "http://127.0.0.1:4433/ui/login"
        assert (await sam.post(f"/self-service/settings?flow={flow}", json=form, headers=JSON)).status_code == 401
        assert (await sam.get(f"/self-service/settings/flows?id={flow}", headers=JSON)).status_code == 401
        started = await sam.get("/self-service/settings/browser")
        assert started.headers["location"] == "http://127.0.0.1:4433/self-service/login/browser"


async def test_a_browser_ends_on_its_settings_again(server: Server) -> None:
    await sign_up(server, "sam@mail.test")
    async with browser(server) as sam:
        await sign_in(sam, "sam@mail.test")
        flow, token = await flow_of(sam, "settings")
        form = {"method": "profile", "traits.email": "sam@mail.test", "csrf_token": token}
        page = await sam.post(f"/self-service/settings?flow={flow}", data=form)
        assert page.headers["location"] == f"http://127.0.0.1:4433/ui/settings?flow={flow}"


async def test_an_expired_flow_is_replaced(dsn: str, tmp_path: Path) -> None:
    async with serving(tmp_path, dsn, {"selfservice": {"flows": {"settings": {"lifespan": "1ms"}}}}) as server:
        app = App(server, await sign_up(server, "sam@mail.test"))
        status, body = await app.change(method="profile", traits={"email": "sam@mail.test"})
        assert (status, body["error"]["id"]) == (410, "self_service_flow_expired")
        found = await server.runtime.services.flows.find("settings", body["use_flow_id"])
        assert found is not None
        assert (found.identity_id, [each.id for each in found.ui.messages]) == (app.id, [4050001])


class Hooks(HookRunner):
    """Hooks that say what a test wants."""

    before_persist: Verdict = Proceed()
    afterwards: Verdict = Proceed()

    async def before_settings_persist(
        self, context: StepContext, method: str, identity: Identity, session: Session
    ) -> Verdict:
        return self.before_persist

    async def after_settings(self, context: StepContext, method: str, identity: Identity, session: Session) -> Verdict:
        return self.afterwards


@pytest.fixture
def hooks(server: Server) -> Hooks:
    found = Hooks(server.runtime.services)
    server.runtime.selfservice.settings.saving.hooks = found
    return found


async def test_a_hook_may_refuse_a_change(app: App, hooks: Hooks) -> None:
    refusal = Message(4000001, "no", "error", {"reason": "no"})
    hooks.before_persist = Interrupted([("traits.email", refusal)])
    status, flow = await app.change(method="profile", traits={"email": "new@mail.test"})
    assert (status, messages(flow)) == (400, {"traits.email": [4000001]})
    kept = (await app.server.admin.get(f"/admin/identities/{app.id}")).json()
    assert kept["traits"] == {"email": "sam@mail.test"}


async def test_a_hook_may_fail_afterwards(app: App, hooks: Hooks) -> None:
    hooks.afterwards = Refused(ApiError(502, "The other system failed."))
    assert (await app.change(method="profile", traits={"email": "new@mail.test"}))[0] == 502
    kept = (await app.server.admin.get(f"/admin/identities/{app.id}")).json()
    assert kept["traits"] == {"email": "new@mail.test"}


async def test_a_hook_tells_what_comes_next(app: App, hooks: Hooks) -> None:
    step = {"action": "show_verification_ui", "flow": {"id": "x", "verifiable_address": "new@mail.test"}}
    hooks.afterwards = Proceed([step])
    _, flow = await app.change(method="profile", traits={"email": "new@mail.test"})
    assert flow["continue_with"] == [step]


async def test_of_two_changes_at_once_the_second_does_not_undo_the_first(app: App) -> None:
    class Meanwhile(HookRunner):
        """Changes the password while the profile is being saved."""

        async def before_settings_persist(
            self, context: StepContext, method: str, identity: Identity, session: Session
        ) -> Verdict:
            if method == "profile":
                own = App(app.server, {"session_token": app.headers["x-session-token"], "identity": {"id": app.id}})
                assert (await own.change(method="password", password="new-Meadow-58-Plough"))[0] == 200
            return Proceed()

    app.server.runtime.selfservice.settings.saving.hooks = Meanwhile(app.server.runtime.services)
    status, flow = await app.change(method="profile", traits={"email": "new@mail.test"})
    assert (status, messages(flow)) == (400, {"": [4000001]})
    app.server.public.cookies.clear()
    assert (await app.server.log_in("sam@mail.test", "new-Meadow-58-Plough")).status_code == 200
    assert (await app.server.log_in("sam@mail.test", PASSWORD)).status_code == 400
