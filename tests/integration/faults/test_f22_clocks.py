"""F22: clocks that are wrong, differ between replicas, or are set back under the server."""

import glob
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from identity_server.clocks import SteadyClock
from integration.factors import app_code, stage
from integration.faults.people import PASSWORD, session_of, status_of
from integration.mailbox import WITH_CODES, begin, last_mail, mailing
from live_server import PATIENCE, LiveServer, create_identity, live_server, merged, native_login

EMAIL = "ada@mail.test"
SHORT: dict[str, Any] = merged(
    WITH_CODES,
    {
        "feature_flags": {"use_continue_with_transitions": True},
        "selfservice": {
            "methods": {"code": {"config": {"lifespan": "1m"}}},
            "flows": {"recovery": {"lifespan": "1h"}},
        },
    },
)


class Machine:
    """A machine whose clock can be set, and the clock of a server on it."""

    def __init__(self) -> None:
        self.wall = datetime.now(UTC)
        self.ticks = 0.0
        self.clock = SteadyClock(self._wall, lambda: self.ticks)

    def _wall(self) -> datetime:
        # Each look is a little later: an order of events is an order of times.
        self.sleep(0.00001)
        return self.wall

    def sleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def set(self, **span: float) -> None:
        self.wall += timedelta(**span)


@pytest.mark.anyio
async def test_f22_a_step_back_revives_no_code_and_ends_no_session(tmp_path: Path, dsn: str) -> None:
    machine = Machine()
    async with mailing(tmp_path, dsn, SHORT, clock=machine.clock) as server:
        credentials = {"password": {"config": {"password": PASSWORD}}}
        await server.create(EMAIL, credentials=credentials)
        session = {"x-session-token": (await server.log_in(EMAIL, PASSWORD)).json()["session_token"]}
        form = await begin(server)
        await form.ask(EMAIL)
        code = (await last_mail(server, EMAIL)).code
        machine.sleep(90)
        assert "ory_session_token" not in (await form.code(code)).text, "it has ended"
        machine.set(hours=-1)
        assert "ory_session_token" not in (await form.code(code)).text, "it came to life again"
        assert (await server.public.get("/sessions/whoami", headers=session)).status_code == 200
        server.public.cookies.clear()  # an app keeps none
        fresh = {"x-session-token": (await server.log_in(EMAIL, PASSWORD)).json()["session_token"]}
        assert (await server.public.get("/sessions/whoami", headers=fresh)).status_code == 200
        another = await begin(server)
        await another.ask(EMAIL)
        answer = await another.code((await last_mail(server, EMAIL)).code)
        assert "ory_session_token" in answer.text


@pytest.mark.anyio
@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_f22_an_authenticator_may_be_one_step_off(tmp_path: Path, steps: int, accepted: bool) -> None:
    async with stage(tmp_path) as there:
        await there.person(EMAIL)
        browser = there.browser()
        await browser.sign_in(EMAIL)
        secret = await browser.set_up_app(there.time.moment)
        there.time.move(minutes=10)
        other = there.browser()
        await other.sign_in(EMAIL)
        form = await other.start("login", "?aal=aal2")
        code = app_code(secret, there.time.moment, steps=steps)
        assert (await other.send(form, method="totp", totp_code=code)).status_code == (200 if accepted else 400)


@pytest.fixture(params=["+90s", "-90s"])
def clock_off(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Words before a command that let it run on a machine whose clock is 90 seconds ahead, or behind."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not found:
        pytest.skip("libfaketime is not installed (apt-get install faketime)")
    settings = (f"LD_PRELOAD={found[0]}", f"FAKETIME={request.param}", "FAKETIME_DONT_FAKE_MONOTONIC=1")
    return ("env", *settings)


def recovered(asking: LiveServer, answering: LiveServer) -> httpx2.Response:
    """The answer of one replica to a code that another has mailed."""
    flow = httpx2.get(asking.public + "self-service/recovery/api", timeout=PATIENCE).json()
    form = {"method": "code", "email": "bob@example.com"}
    assert httpx2.post(flow["ui"]["action"], json=form, timeout=PATIENCE).status_code == 200
    mails = httpx2.get(asking.admin + "admin/courier/messages?recipient=bob@example.com", timeout=PATIENCE).json()
    code = re.search(r"\b\d{6}\b", mails[0]["body"])
    assert code is not None
    url = f"{answering.public}self-service/recovery?flow={flow['id']}"
    return httpx2.post(url, json={"method": "code", "code": code.group()}, timeout=PATIENCE)


@pytest.mark.xdist_group("quiet")
def test_f22_replicas_whose_clocks_differ_agree(tmp_path: Path, postgres_dsn: str, clock_off: tuple[str, ...]) -> None:
    folders = [tmp_path / name for name in ("right", "off")]
    for folder in folders:
        os.mkdir(folder)
    with (
        live_server(folders[0], postgres_dsn, SHORT) as right,
        live_server(folders[1], postgres_dsn, SHORT, prefix=clock_off) as other,
    ):
        create_identity(right, "bob@example.com")
        session = session_of(other)
        assert status_of(right.public + "sessions/whoami", session) == 200
        rights = {"X-Session-Token": native_login(right, "ada@example.com").json()["session_token"]}
        assert status_of(other.public + "sessions/whoami", rights) == 200
        # A code lives for a minute, which is less than they differ.
        assert "ory_session_token" in recovered(right, other).text
        assert "ory_session_token" in recovered(other, right).text
        shown = httpx2.get(right.public + "sessions/whoami", headers=session, timeout=PATIENCE).json()
    off = datetime.fromisoformat(shown["issued_at"]) - datetime.now(UTC)
    assert abs(off) < timedelta(seconds=60)
