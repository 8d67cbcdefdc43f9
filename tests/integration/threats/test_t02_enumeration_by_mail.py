"""T2: whoever asks for codes or links must not learn, by words or by time, which addresses have an account.

An address that nobody has costs the database the same transactions and the same writes in the same order; its message
is stored like any other and taken back at once. ``bench/enumeration.py`` measures that the times are indeed alike.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from identity_server.storage.port import Call, Operation
from integration.mailbox import MEMBER, SMS, WITH_LINKS, begin, ids, mailing, mails, schema
from live_server import merged
from server_kit import Server

pytestmark = pytest.mark.anyio

CHOICE = {"feature_flags": {"choose_recovery_address": True}}
HIDDEN = {
    "security": {"account_enumeration": {"mitigate": True}},
    "selfservice": {"methods": {"code": {"passwordless_enabled": True}}},
}
KNOWN, UNKNOWN = "ada@mail.test", "bob@mail.test"
#: The one statement that only unknown addresses need.
TAKEN_BACK = "DELETE courier_messages"


class Work:
    """Writes down what is asked of the database, one list a transaction."""

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        database = server.runtime.services.database
        fetch, run = database.fetch, database.run
        self.transactions: list[list[str]] = []

        async def fetching(call: Call) -> Any:
            self.transactions.append([_name(call)])
            return await fetch(call)

        def watched(operation: Operation, done: list[str]) -> Operation:
            rows: Any = None
            try:
                call = next(operation)
                while True:
                    done.append(_name(call))
                    rows = yield call
                    call = operation.send(rows)
            except StopIteration as end:
                return end.value

        async def running(operation: Operation) -> Any:
            self.transactions.append([])
            return await run(watched(operation, self.transactions[-1]))

        monkeypatch.setattr(database, "fetch", fetching)
        monkeypatch.setattr(database, "run", running)

    def taken(self) -> list[list[str]]:
        done, self.transactions = self.transactions, []
        return done


def _name(call: Call) -> str:
    clause: Any = call.statement.clause
    tables = [clause.table] if hasattr(clause, "table") else clause.get_final_froms()
    return f"{type(clause).__name__.upper()} {'+'.join(str(table) for table in tables)[:60]}"


def without(work: list[list[str]], name: str) -> list[list[str]]:
    return [[each for each in transaction if each != name] for transaction in work]


@pytest.fixture(params=["code", "link", "choice", "hidden"])
async def server(request: pytest.FixtureRequest, tmp_path: Path, dsn: str, anyio_backend: str) -> AsyncIterator[Server]:
    """A server with the protections of production, in each way of reaching people."""
    del anyio_backend
    more = {"code": {}, "link": WITH_LINKS, "choice": CHOICE, "hidden": HIDDEN}[request.param]
    on = {"security": {"brute_force": {"enabled": True}}}
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, merged(on, more)) as running:
        await running.create(KNOWN)
        yield running


async def asked(server: Server, kind: str, email: str) -> tuple[str, dict[str, str]]:
    flow = (await server.public.get(f"/self-service/{kind}/api")).json()
    method = flow.get("active") or "code"
    return flow["id"], {"method": method, "email": email, "recovery_address": email, "identifier": email}


async def compared(server: Server, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, works = [], []
    work = Work(server, monkeypatch)
    for email in (KNOWN, UNKNOWN):
        flow, fields = await asked(server, kind, email)
        work.taken()
        answer = await server.public.post(f"/self-service/{kind}?flow={flow}", json=fields)
        works.append(work.taken())
        body = answer.json()
        for name in ("issued_at", "expires_at", "created_at", "updated_at"):
            body.pop(name, None)
        shown = str((answer.status_code, body)).replace(flow, "FLOW").replace(email, "EMAIL")
        answers.append(shown.replace(email[:2] + "****", "EM****"))
        assert ids(answer.json()), "something is said"
    assert answers[0] == answers[1]
    assert without(works[0], TAKEN_BACK) == works[0]
    assert without(works[1], TAKEN_BACK) == works[0]
    assert len(await mails(server, KNOWN)) == 1
    assert await mails(server, UNKNOWN) == []


async def test_t02_recovery_says_and_costs_the_same(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await compared(server, "recovery", monkeypatch)


async def test_t02_verification_says_and_costs_the_same(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await compared(server, "verification", monkeypatch)


async def test_t02_a_login_by_code_says_and_costs_the_same(
    tmp_path: Path, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, HIDDEN) as server:
        await server.create(KNOWN)
        await compared(server, "login", monkeypatch)


async def test_t02_where_codes_go_to_other_addresses_too_who_has_an_account_costs_the_same(
    tmp_path: Path, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fallback = {"selfservice": {"methods": {"code": {"config": {"missing_credential_fallback_enabled": True}}}}}
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, merged(HIDDEN, fallback)) as server:
        await server.create(KNOWN)
        await compared(server, "login", monkeypatch)


@pytest.mark.parametrize("fallback", [True, False])
async def test_t02_the_first_of_two_screens_costs_the_same(
    tmp_path: Path, dsn: str, fallback: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    methods = {"code": {"config": {"missing_credential_fallback_enabled": fallback}}}
    first = {"selfservice": {"flows": {"login": {"style": "identifier_first"}}, "methods": methods}}
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, merged(HIDDEN, first)) as server:
        await server.create(KNOWN)
        work, seen = Work(server, monkeypatch), []
        for email in (KNOWN, UNKNOWN):
            form = await begin(server, "login")
            work.taken()
            answer = await form.send(method="identifier_first", identifier=email)
            names = [node["attributes"]["name"] for node in answer.json()["ui"]["nodes"]]
            assert "password" in names and "method" in names, "the second screen"
            seen.append((answer.status_code, ids(answer.json()), names, work.taken()))
        assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", ["recovery", "verification"])
async def test_t02_a_guess_says_and_costs_the_same(
    tmp_path: Path, dsn: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mailing(tmp_path, dsn) as server:
        await server.create(KNOWN)
        work, seen = Work(server, monkeypatch), []
        for email in (KNOWN, UNKNOWN):
            form = await begin(server, kind)
            await form.ask(email)
            work.taken()
            answer = await form.code("000000")
            seen.append((answer.status_code, ids(answer.json()), work.taken()))
        assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", ["recovery", "verification"])
async def test_t02_when_mail_is_limited_both_are_limited(tmp_path: Path, dsn: str, kind: str) -> None:
    tell = {"selfservice": {"flows": {kind: {"notify_unknown_recipients": True}}}}
    on = {"security": {"brute_force": {"enabled": True}}}
    async with mailing(tmp_path, dsn, tell, on) as server:
        await server.create(KNOWN)
        for email in (KNOWN, UNKNOWN):
            for _ in range(8):
                answer = await (await begin(server, kind)).ask(email)
                assert answer.status_code == 200
            assert len(await mails(server, email)) == 5
