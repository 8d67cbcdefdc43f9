"""Random orders of second factors by several browsers: nobody gets further than what they have shown.

Two people set up and remove apps and backup codes, sign in and out, and type codes of their own and of each other:
right ones, used ones and old ones. A small model knows each account's factors and what every browser has proved; after
each step every browser is exactly who, and at exactly the level, that the model says.
"""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pyotp
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from integration.factors import Browser, Form, Stage, stage
from stateful.test_t09_steps_skipped_or_replayed import EXAMPLES, STEPS

PEOPLE = ("ada@mail.test", "bob@mail.test")
CLIENTS = 3
PERIOD = 30
clients = st.integers(0, CLIENTS - 1)
people = st.sampled_from(PEOPLE)
mostly = st.sampled_from((True, True, True, False))


@dataclass
class Account:
    """What somebody has set up.

    Attributes:
        secret: of the app.
        last: the step of the last code that counted.
        codes: backup codes that were not used.
        spent: those that were, or that were replaced.
    """

    secret: str = ""
    last: int = -1
    codes: list[str] = field(default_factory=list[str])
    spent: list[str] = field(default_factory=list[str])
    has_codes: bool = False

    @property
    def level(self) -> str:
        """The highest that can be asked for."""
        return "aal2" if self.secret or self.has_codes else "aal1"


class SecondFactors(RuleBasedStateMachine):
    """Browsers that share nothing but the codes they know of."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.stage: Stage = self.run(self.stack.enter_async_context(stage(Path(self.folder.name))))
        self.browsers: list[Browser] = [self.stage.browser() for _ in range(CLIENTS)]
        self.accounts = {email: Account() for email in PEOPLE}
        self.signed_in: dict[int, tuple[str, str]] = {}
        for email in PEOPLE:
            self.run(self.stage.person(email))

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    def teardown(self) -> None:
        for each in self.browsers:
            self.run(each.http.aclose())
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    # -- what a browser does ------------------------------------------------------------

    def start(self, client: int, kind: str, query: str = "") -> Form | None:
        """A flow; None when the server does not let the browser begin it."""
        path = f"/self-service/{kind}/browser{query}"
        answer = self.run(self.browsers[client].http.get(path, headers={"accept": "application/json"}))
        assert answer.status_code < 500, answer.text
        return Form(kind, answer.json()) if answer.status_code == 200 else None

    def send(self, client: int, form: Form, **fields: Any) -> httpx2.Response:
        answer: httpx2.Response = self.run(self.browsers[client].send(form, **fields))
        assert answer.status_code < 500, answer.text
        return answer

    def settings_of(self, client: int) -> Form | None:
        """The settings, which want the highest level that the account has."""
        form = self.start(client, "settings")
        may = client in self.signed_in and self.reached(client)
        assert (form is not None) is may
        return form

    def reached(self, client: int) -> bool:
        email, level = self.signed_in[client]
        return level >= self.accounts[email].level

    @property
    def step(self) -> int:
        return int(self.stage.time.moment.timestamp()) // PERIOD

    # -- steps --------------------------------------------------------------------------

    @initialize(app=mostly, codes=mostly)
    def some_have_factors(self, app: bool, codes: bool) -> None:
        for client, email in enumerate((PEOPLE[0], PEOPLE[0], PEOPLE[1])):
            self.sign_in(client, email)
        if app:
            self.set_up_an_app(0, True)
        if codes:
            self.make_backup_codes(0, True)

    @rule(client=clients, email=people)
    def sign_in(self, client: int, email: str) -> None:
        if client not in self.signed_in:
            answer = self.run(self.browsers[client].sign_in(email))
            assert answer.status_code in (200, 422), answer.text
            self.signed_in[client] = email, "aal1"

    @rule(client=clients)
    def sign_out(self, client: int) -> None:
        found = self.run(self.browsers[client].http.get("/self-service/logout/browser"))
        assert (found.status_code == 200) is (client in self.signed_in)
        if found.status_code == 200:
            token = found.json()["logout_token"]
            self.run(self.browsers[client].http.get(f"/self-service/logout?token={token}"))
            del self.signed_in[client]

    @rule(seconds=st.sampled_from((1, 30, 90)))
    def time_passes(self, seconds: int) -> None:
        self.stage.time.move(seconds=seconds)

    @rule(client=clients, right=st.booleans())
    def set_up_an_app(self, client: int, right: bool) -> None:
        form = self.settings_of(client)
        if form is None:
            return
        email, _ = self.signed_in[client]
        account = self.accounts[email]
        if account.secret:
            assert "totp_secret_key" not in form.names
            return
        secret = str(form.node("totp_secret_key")["attributes"]["text"]["context"]["secret"])
        code = pyotp.TOTP(secret).generate_otp(self.step if right else self.step + 9)
        answer = self.send(client, form, method="totp", totp_code=code)
        assert (answer.status_code == 200) is right
        if right:
            account.secret, account.last = secret, self.step
            self.signed_in[client] = email, "aal2"

    @rule(client=clients, keep=st.booleans())
    def make_backup_codes(self, client: int, keep: bool) -> None:
        form = self.settings_of(client)
        if form is None:
            return
        email, _ = self.signed_in[client]
        account = self.accounts[email]
        made = Form("settings", self.send(client, form, method="lookup_secret", lookup_secret_regenerate=True).json())
        listed = made.node("lookup_secret_codes")["attributes"]["text"]["context"]["secrets"]
        codes = [each["context"]["secret"] for each in listed]
        if not keep:
            account.spent += codes  # nobody kept them, so they are none
            return
        assert self.send(client, made, method="lookup_secret", lookup_secret_confirm=True).status_code == 200
        account.spent += account.codes
        account.codes, account.has_codes = codes, True
        self.signed_in[client] = email, "aal2"

    @rule(client=clients, app=st.booleans())
    def take_a_factor_away(self, client: int, app: bool) -> None:
        form = self.settings_of(client)
        if form is None:
            return
        account = self.accounts[self.signed_in[client][0]]
        if app and account.secret:
            assert self.send(client, form, method="totp", totp_unlink=True).status_code == 200
            account.secret = ""
        elif not app and account.has_codes:
            assert self.send(client, form, method="lookup_secret", lookup_secret_disable=True).status_code == 200
            account.spent += account.codes
            account.codes, account.has_codes = [], False

    def second_step(self, client: int) -> Form | None:
        return self.start(client, "login", "?aal=aal2&refresh=true") if client in self.signed_in else None

    @precondition(lambda self: self.signed_in and any(each.secret for each in self.accounts.values()))
    @rule(client=clients, whose=people, offset=st.sampled_from((-3, -1, 0, 0, 0, 1, 3)))
    def type_an_app_s_code(self, client: int, whose: str, offset: int) -> None:
        whose = whose if self.accounts[whose].secret else next(e for e in PEOPLE if self.accounts[e].secret)
        form, known = self.second_step(client), self.accounts[whose].secret
        if form is None:
            return
        email, _ = self.signed_in[client]
        account, step = self.accounts[email], self.step + offset
        answer = self.send(client, form, method="totp", totp_code=pyotp.TOTP(known).generate_otp(step))
        right = email == whose and abs(offset) <= 1 and step > account.last
        assert (answer.status_code == 200) is right, (answer.text, offset, account)
        if right:
            account.last = step
            self.signed_in[client] = email, "aal2"

    @precondition(lambda self: self.signed_in and any(each.secret for each in self.accounts.values()))
    @rule(client=clients)
    def type_the_last_code_once_more(self, client: int) -> None:
        """In whatever browser: it has counted."""
        form = self.second_step(client)
        if form is None:
            return
        account = self.accounts[self.signed_in[client][0]]
        if account.secret and abs(account.last - self.step) <= 1:
            code = pyotp.TOTP(account.secret).generate_otp(account.last)
            assert self.send(client, form, method="totp", totp_code=code).status_code == 400

    @precondition(lambda self: self.signed_in and any(each.codes or each.spent for each in self.accounts.values()))
    @rule(client=clients, whose=people, number=st.integers(0, 40), used=st.booleans())
    def type_a_backup_code(self, client: int, whose: str, number: int, used: bool) -> None:
        form = self.second_step(client)
        known = self.accounts[whose].spent if used else self.accounts[whose].codes
        if form is None or not known:
            return
        email, _ = self.signed_in[client]
        code = known[number % len(known)]
        answer = self.send(client, form, method="lookup_secret", lookup_secret=code)
        right = email == whose and not used
        assert (answer.status_code == 200) is right, (answer.text, used)
        if right:
            self.accounts[email].codes.remove(code)
            self.accounts[email].spent.append(code)
            self.signed_in[client] = email, "aal2"

    @precondition(lambda self: len(self.signed_in) > 1)
    @rule(data=st.data())
    def send_the_form_of_another_browser(self, data: st.DataObject) -> None:
        owner, thief = data.draw(st.permutations(sorted(self.signed_in)))[:2]
        form = self.second_step(owner)
        if form is not None:
            answer = self.send(thief, form, method="lookup_secret", lookup_secret="aaaaaaaa")
            assert answer.status_code == 403

    # -- what must hold -------------------------------------------------------------------

    @invariant()
    def everybody_is_who_and_where_they_proved_to_be(self) -> None:
        for client, browser in enumerate(self.browsers):
            answer = self.run(browser.whoami())
            if client not in self.signed_in:
                assert answer.status_code == 401
                continue
            email, level = self.signed_in[client]
            if not self.reached(client):
                assert answer.status_code == 403, answer.text
                continue
            assert answer.status_code == 200, answer.text
            session = answer.json()
            assert session["identity"]["traits"]["email"] == email
            assert session["authenticator_assurance_level"] == level


def test_random_orders_of_second_factors() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        SecondFactors,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
