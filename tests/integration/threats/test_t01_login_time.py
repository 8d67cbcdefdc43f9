"""T1: whoever times logins must not learn which accounts exist: each attempt costs one hash of the configured kind."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from identity_server.passwords.formats.pieces import Hash
from identity_server.passwords.pool import HashingPool
from integration.threats.people import PASSWORD, sign_up
from server_kit import Server, serving

pytestmark = pytest.mark.anyio


class Work:
    """Counts what goes to the hashing threads."""

    def __init__(self, pool: HashingPool, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashes = self.comparisons = self.jobs = 0
        run, make = pool._workers.run, pool.hasher.hash

        async def counted(job: Callable[[], Any]) -> Any:
            self.jobs += 1
            return await run(job)

        def hashed(octets: bytes) -> str:
            self.hashes += 1
            return make(octets)

        def parse(text: str) -> Hash:
            self.comparisons += 1
            return parsed(text)

        parsed = pool.parse
        monkeypatch.setattr(pool._workers, "run", counted)
        monkeypatch.setattr(type(pool.hasher), "hash", lambda _, octets: hashed(octets))
        monkeypatch.setattr(pool, "parse", parse)

    def taken(self) -> tuple[int, int]:
        """Jobs, and hashes computed by them: a comparison is one as well."""
        found = self.jobs, self.hashes + self.comparisons
        self.jobs = self.hashes = self.comparisons = 0
        return found


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    del anyio_backend
    async with serving(tmp_path) as running:
        yield running


async def attempt(server: Server, identifier: str) -> tuple[int, Any]:
    answer = await server.log_in(identifier, "nope-9-Mill-Sail")
    body = answer.json()
    for name in ("id", "expires_at", "issued_at", "created_at", "updated_at"):
        body.pop(name)
    body["ui"].pop("action")
    for node in body["ui"]["nodes"]:
        if node["attributes"]["name"] == "identifier":
            node["attributes"].pop("value")
    return answer.status_code, body


@pytest.mark.parametrize("name", ["nobody@mail.test", "bare@mail.test", "control\u0007@mail.test", "x" * 2000])
async def test_t01_an_account_that_cannot_sign_in_costs_and_says_what_a_wrong_password_does(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_up(server, "meg@mail.test")
    await server.create("bare@mail.test")
    work = Work(server.runtime.services.hashing, monkeypatch)
    known = await attempt(server, "meg@mail.test")
    cost_of_known = work.taken()
    unknown = await attempt(server, name)
    assert work.taken() == cost_of_known == (1, 1)
    assert unknown == known


async def test_t01_a_dummy_hash_has_the_configured_cost(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, made = server.runtime.services.hashing.hasher, list[str]()
    real = type(hasher).hash
    monkeypatch.setattr(type(hasher), "hash", lambda self, octets: made.append(real(self, octets)) or made[-1])
    await attempt(server, "nobody@mail.test")
    await sign_up(server, "meg@mail.test")
    dummy, stored = made
    assert dummy[:7] == stored[:7] == "$2a$04$"
    assert PASSWORD not in dummy
