"""Random orders of steps by several clients: nobody ever gets the session of somebody else, and nothing breaks."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from integration.threats.people import JSON, browser
from server_kit import Server, serving

PEOPLE = ["ada@mail.test", "bob@mail.test"]
PASSWORDS = ["wind-9-Mill-Sail", "new-Meadow-58-Plough", "third-Orchard-33-Gate"]
CLIENTS = 3
KINDS = ["login", "registration", "settings"]

clients = st.integers(0, CLIENTS - 1)
people = st.sampled_from(PEOPLE)
passwords = st.sampled_from(PASSWORDS)
mostly = st.sampled_from([True, True, True, False])


class Model(RuleBasedStateMachine):
    """Browsers that share nothing but the flows they know of.

    ``passwords`` holds what each account's password is; ``signed_in`` who proved to a browser who they are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.server: Server = self.run(self.stack.enter_async_context(serving(Path(self.folder.name))))
        self.browsers = [browser(self.server) for _ in range(CLIENTS)]
        self.flows: dict[tuple[int, str], tuple[str, str]] = {}
        self.known: list[tuple[str, str]] = []
        self.passwords: dict[str, str] = {}
        self.signed_in: dict[int, str] = {}

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    def teardown(self) -> None:
        for each in self.browsers:
            self.run(each.aclose())
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    def ask(self, client: int, method: str, path: str, **more: Any) -> httpx2.Response:
        answer: httpx2.Response = self.run(self.browsers[client].request(method, path, headers=JSON, **more))
        assert answer.status_code < 500, (path, answer.text)
        return answer

    @initialize()
    def one_has_an_account(self) -> None:
        self.start(0, "registration", False)
        self.sign_up(0, PEOPLE[0], PASSWORDS[0], False)

    @rule(client=clients, kind=st.sampled_from(KINDS), refresh=st.booleans())
    def start(self, client: int, kind: str, refresh: bool) -> None:
        answer = self.ask(client, "GET", f"/self-service/{kind}/browser{'?refresh=true' if refresh else ''}")
        if answer.status_code == 200:
            nodes = answer.json()["ui"]["nodes"]
            token = next(node for node in nodes if node["attributes"]["name"] == "csrf_token")
            self.flows[client, kind] = answer.json()["id"], token["attributes"]["value"]
            self.known.append((kind, answer.json()["id"]))

    def submit(self, client: int, kind: str, form: dict[str, Any], fresh: bool) -> httpx2.Response | None:
        if fresh:
            self.start(client, kind, client in self.signed_in)
        if (client, kind) not in self.flows:
            return None
        flow, token = self.flows[client, kind]
        return self.ask(client, "POST", f"/self-service/{kind}?flow={flow}", json={**form, "csrf_token": token})

    @rule(client=clients, email=people, guess=st.none() | passwords, fresh=mostly)
    def sign_in(self, client: int, email: str, guess: str | None, fresh: bool) -> None:
        password = guess or self.passwords.get(email, PASSWORDS[0])
        form = {"method": "password", "identifier": email, "password": password}
        answer = self.submit(client, "login", form, fresh)
        if answer is not None and answer.status_code == 200:
            assert self.passwords.get(email) == password
            assert answer.json()["session"]["identity"]["traits"]["email"] == email
            self.signed_in[client] = email

    @rule(client=clients, email=people, password=passwords, fresh=mostly)
    def sign_up(self, client: int, email: str, password: str, fresh: bool) -> None:
        form = {"method": "password", "password": password, "traits": {"email": email}}
        answer = self.submit(client, "registration", form, fresh)
        if answer is not None and answer.status_code == 200:
            assert email not in self.passwords and client not in self.signed_in
            self.passwords[email], self.signed_in[client] = password, email

    @rule(client=clients, password=passwords, fresh=mostly)
    def change_password(self, client: int, password: str, fresh: bool) -> None:
        answer = self.submit(client, "settings", {"method": "password", "password": password}, fresh)
        if answer is not None and answer.status_code == 200:
            email = answer.json()["identity"]["traits"]["email"]
            assert self.signed_in[client] == email
            self.passwords[email] = password

    @rule(client=clients, email=people, fresh=mostly)
    def take_a_name(self, client: int, email: str, fresh: bool) -> None:
        answer = self.submit(client, "settings", {"method": "profile", "traits": {"email": email}}, fresh)
        if answer is not None and answer.status_code == 200:
            before = self.signed_in[client]
            assert email == before or email not in self.passwords
            self.passwords[email] = self.passwords.pop(before)
            self.signed_in = {each: email if who == before else who for each, who in self.signed_in.items()}

    @rule(client=clients, number=st.integers(0, 50))
    def send_a_foreign_flow(self, client: int, number: int) -> None:
        if self.known:
            kind, flow = self.known[number % len(self.known)]
            _, token = self.flows.get((client, kind), ("", "none"))
            form = {"method": "password", "identifier": PEOPLE[0], "password": "wrong", "csrf_token": token}
            answer = self.ask(client, "POST", f"/self-service/{kind}?flow={flow}", json=form)
            assert answer.status_code != 200 or kind == "settings"

    @rule(client=clients)
    def sign_out(self, client: int) -> None:
        answer = self.ask(client, "GET", "/self-service/logout/browser")
        assert (answer.status_code == 200) is (client in self.signed_in)
        if answer.status_code == 200:
            self.ask(client, "GET", f"/self-service/logout?token={answer.json()['logout_token']}")
            del self.signed_in[client]

    @rule(client=clients)
    def end_all_others(self, client: int) -> None:
        answer = self.ask(client, "DELETE", "/sessions")
        if answer.status_code == 200:
            who = self.signed_in[client]
            self.signed_in = {each: email for each, email in self.signed_in.items() if each == client or email != who}

    @invariant()
    def everybody_is_who_they_proved_to_be(self) -> None:
        for client in range(CLIENTS):
            answer = self.ask(client, "GET", "/sessions/whoami")
            found = answer.json()["identity"]["traits"]["email"] if answer.status_code == 200 else None
            assert found == self.signed_in.get(client)


def test_random_orders_of_steps() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Model,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
