"""T9: no order of steps, of anybody's flows, lets somebody in without the right secret for that very flow.

Random walks over recovery, verification, login and registration by code: asking, asking again, guessing, typing codes
of other people, flows and kinds, used and voided ones, opening links, and sending fields and methods that belong
elsewhere. A small model knows which step may succeed; after each one the accounts have exactly the sessions, and the
addresses exactly the marks, that the model says.

``KRATOS_STATEFUL_EXAMPLES`` and ``KRATOS_STATEFUL_STEPS`` make more and longer walks.
"""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from integration.mailbox import MEMBER, PASSWORD, SMS, browser, mailing, mails, schema
from server_kit import Server

EXAMPLES = int(os.environ.get("KRATOS_STATEFUL_EXAMPLES", "20"))
STEPS = int(os.environ.get("KRATOS_STATEFUL_STEPS", "40"))
MOST_SUBMISSIONS = 5
CONFIGURATION: dict[str, Any] = {
    "feature_flags": {"use_continue_with_transitions": True},
    "selfservice": {
        "methods": {
            "code": {"passwordless_enabled": True, "config": {"max_submissions": MOST_SUBMISSIONS}},
            "link": {"enabled": True},
        },
        "flows": {"registration": {"after": {"code": {"hooks": [{"hook": "session"}]}}}},
    },
}
KINDS = st.sampled_from(("recovery", "verification", "login", "registration"))
#: Two who have an account, and one who has none unless a sign-up makes it.
WHO = st.sampled_from(("ada", "ada", "bob", "eve"))
STRAY = st.fixed_dictionaries(
    {"method": st.sampled_from(("code", "link", "profile", "password", "", "default", None))},
    optional={
        "resend": st.just("code"),
        "screen": st.just("previous"),
        "token": st.just("abcdefghijklmnopqrstuvwxyz012345"),
        "code": st.sampled_from(("", None, 123456, ["123456"], {"$ne": ""}, "١٢٣٤٥٦", "000000\0")),
        "csrf_token": st.just(""),
        "recovery_confirm_address": st.just("eve@evil.test"),
        "identifier": st.just("nobody@evil.test"),
        "password": st.just(PASSWORD),
    },
)
numbers = itertools.count()


class Running:
    """The server that all walks share, each with people of its own."""

    server: Server
    portal: BlockingPortal


@pytest.fixture
def running(tmp_path: Path, dsn: str) -> Iterator[None]:
    """Starts it, on each database in turn."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(mailing(tmp_path, dsn, schema(MEMBER), SMS, CONFIGURATION)) as server,
    ):
        Running.server, Running.portal = server, portal
        yield


@dataclass
class Walk:
    """A flow under way, as far as the model knows it.

    Attributes:
        code: the one code that may be right now; empty when there is none.
        owner: whose code it is.
        looked_at: codes that were certainly looked at.
        seen: all codes that were sent for it.
        doubtful: something was sent that may have spoilt it; the right code may be refused from then on.
    """

    kind: str
    id: str
    code: str = ""
    owner: str = ""
    looked_at: int = 0
    passed: bool = False
    doubtful: bool = False
    seen: list[str] = field(default_factory=list[str])


class Steps(RuleBasedStateMachine):
    """Several people and an attacker, all with apps."""

    walks = Bundle("walks")

    def __init__(self) -> None:
        super().__init__()
        self.number = next(numbers)
        self.all: list[Walk] = []
        self.ids: dict[str, str] = {}
        self.sessions: dict[str, int] = {}
        self.verified: dict[str, bool] = {}

    # -- what a client does -----------------------------------------------------------

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        public = Running.server.public
        public.cookies.clear()
        answer: httpx2.Response = Running.portal.call(lambda: public.request(method, path, **more))
        assert answer.status_code < 500, answer.text
        return answer

    def submit(self, walk: Walk, fields: dict[str, Any]) -> httpx2.Response:
        return self.call("POST", f"/self-service/{walk.kind}?flow={walk.id}", json=fields)

    def email(self, who: str) -> str:
        return f"{who}-{self.number}@mail.test"

    def sent(self, email: str) -> list[str]:
        return [mail.code for mail in Running.portal.call(mails, Running.server, email)]

    # -- steps --------------------------------------------------------------------------

    @initialize()
    def people(self) -> None:
        for email in (self.email("ada"), self.email("bob")):
            self.known(email, Running.portal.call(Running.server.create, email)["id"])

    def known(self, email: str, identity: str) -> None:
        self.ids[email], self.sessions[email], self.verified[email] = identity, 0, False

    @rule(target=walks, kind=KINDS)
    def start_alone(self, kind: str) -> Walk:
        return self.start(kind)

    def start(self, kind: str) -> Walk:
        walk = Walk(kind, self.call("GET", f"/self-service/{kind}/api").json()["id"])
        self.all.append(walk)
        return walk

    @rule(target=walks, kind=KINDS, who=WHO, times=st.integers(1, 2))
    def start_and_ask(self, kind: str, who: str, times: int) -> Walk:
        walk = self.start(kind)
        for _ in range(times):
            self.ask(walk, who, False)
        return walk

    @rule(walk=walks, who=WHO, shout=st.booleans())
    def ask(self, walk: Walk, who: str, shout: bool) -> None:
        email = self.email(who)
        typed = email.upper() if shout and walk.kind != "registration" else email
        fields = {
            "recovery": {"email": typed},
            "verification": {"email": typed},
            "login": {"identifier": typed, "resend": "code"},
            "registration": {"traits": {"email": typed}, "resend": "code"},
        }[walk.kind]
        before = len(self.sent(email))
        self.submit(walk, {"method": "code", **fields})
        codes = self.sent(email)
        exists = walk.kind == "registration" or email in self.ids
        expected = before + (exists and not walk.passed)
        assert len(codes) == expected or (walk.doubtful and len(codes) == before)
        if len(codes) > before:
            walk.code, walk.owner = codes[-1], email
            walk.seen.append(codes[-1])
        elif walk.kind != "login" and not walk.doubtful and not walk.passed:
            walk.code = ""

    @rule(walk=walks)
    def type_the_newest_code(self, walk: Walk) -> None:
        self.type(walk, walk.seen[-1] if walk.seen else "000000")

    @rule(walk=walks, code=st.from_regex(r"\A[0-9]{6}\Z"))
    def guess(self, walk: Walk, code: str) -> None:
        self.type(walk, code)

    @rule(walk=walks)
    def type_the_oldest_code(self, walk: Walk) -> None:
        if len(walk.seen) > 1:
            self.type(walk, walk.seen[0])

    @rule(walk=walks)
    def use_the_guesses_up(self, walk: Walk) -> None:
        for number in range(MOST_SUBMISSIONS):
            self.type(walk, f"{number:06d}")

    @rule(walk=walks, other=walks, at=st.integers(0, 3))
    def type_a_code_of_some_flow(self, walk: Walk, other: Walk, at: int) -> None:
        if other.seen:
            self.type(walk, other.seen[-1 - at % len(other.seen)])

    def type(self, walk: Walk, code: str) -> None:
        fields: dict[str, Any] = {"method": "code", "code": code}
        if walk.kind == "registration":
            fields["traits"] = {"email": walk.owner}
        may = bool(walk.code) and walk.code == code and not walk.passed and walk.looked_at < MOST_SUBMISSIONS
        answer = self.submit(walk, fields)
        made = walk.kind == "registration" and walk.owner not in self.ids
        signed_in = "session_token" in answer.text
        taken = "4000007" in answer.text
        proved = walk.kind == "verification" and not walk.passed and '"state":"passed_challenge"' in answer.text
        right = signed_in or taken or proved
        assert may or not right, (walk, answer.text)
        assert right or not may or walk.doubtful, (walk, answer.text)
        assert not (signed_in and walk.kind == "verification")
        if right:
            self.passed(walk, answer, made=made)
        elif walk.seen:
            walk.looked_at += 1

    def passed(self, walk: Walk, answer: httpx2.Response, *, made: bool) -> None:
        walk.passed = True
        if made:
            self.known(walk.owner, answer.json()["identity"]["id"])
        elif walk.kind == "registration":
            return
        self.verified[walk.owner] = True
        self.sessions[walk.owner] += walk.kind != "verification"
        if walk.kind == "recovery":
            for other in self.all:  # one recovery ends all others of the same person
                if other.kind == "recovery" and other.owner == walk.owner:
                    other.code = ""

    @rule(walk=walks, fields=STRAY)
    def send_what_belongs_elsewhere(self, walk: Walk, fields: dict[str, Any]) -> None:
        """Nothing of this is a secret or an address, so nothing of it opens anything."""
        walk.doubtful = True
        before = len(self.sent(walk.owner)) if walk.owner else 0
        assert "session_token" not in self.submit(walk, fields).text
        again = self.sent(walk.owner) if walk.owner else []
        if len(again) > before:  # the button that sends another code
            walk.code = again[-1]
            walk.seen.append(again[-1])

    @rule(walk=walks, secret=st.from_regex(r"\A[A-Za-z0-9]{32}\Z"))
    def open_a_link(self, walk: Walk, secret: str) -> None:
        """Links with made-up tokens lead nowhere; one with a code only fills the form of a verification in."""
        query = f"code={walk.code or '000000'}" if walk.kind == "verification" else f"token={secret}"
        walk.doubtful = walk.doubtful or walk.kind != "verification"
        who = browser(Running.server)
        answer = Running.portal.call(lambda: who.get(f"/self-service/{walk.kind}?flow={walk.id}&{query}"))
        assert answer.status_code < 500
        assert "ory_kratos_session" not in who.cookies

    # -- what must hold -------------------------------------------------------------------

    @invariant()
    def the_accounts_are_as_the_model_says(self) -> None:
        for email, identity in self.ids.items():
            admin = Running.server.admin
            assert (
                len(Running.portal.call(admin.get, f"/admin/identities/{identity}/sessions").json())
                == (self.sessions[email])
            )
            account = Running.portal.call(admin.get, f"/admin/identities/{identity}").json()
            assert account["verifiable_addresses"][0]["verified"] is self.verified[email]


WALKS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.mark.usefixtures("running")
def test_t09_no_order_of_steps_opens_what_was_not_earned() -> None:
    run_state_machine_as_test(Steps, settings=WALKS)
