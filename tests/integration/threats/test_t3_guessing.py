"""T3: guessing passwords is slow, however many guess at once, and hurts nobody else."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from live_server import PATIENCE, LiveServer, create_identity, live_server, native_login

#: The first wait outlasts a test on a busy machine.
FAST: dict[str, Any] = {"security": {"brute_force": {"enabled": True, "per_identifier": {"first_wait": "5m"}}}}


def outcomes(server: LiveServer, email: str, count: int, workers: int = 16) -> list[httpx2.Response]:
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda n: native_login(server, email, f"guess-number-{n}"), range(count)))


def evaluated(answers: list[httpx2.Response]) -> int:
    return sum(answer.status_code == 400 for answer in answers)


def test_of_150_parallel_guesses_few_are_looked_at(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn, FAST) as server:
        create_identity(server, "ada@example.com")
        create_identity(server, "bob@example.com")
        answers = outcomes(server, "ada@example.com", 150)
        assert 10 <= evaluated(answers) <= 15
        assert {answer.status_code for answer in answers} == {400, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert int(refused.headers["retry-after"]) >= 1
        assert [message["id"] for message in refused.json()["ui"]["messages"]] == [4900001]
        assert native_login(server, "ada@example.com").status_code == 429
        assert native_login(server, "bob@example.com").status_code == 200


def test_two_replicas_count_together(tmp_path: Path, postgres_dsn: str) -> None:
    limits = {
        "security": {
            "brute_force": {**FAST["security"]["brute_force"], "per_address": {"attempts": 30, "window": "1h"}}
        }
    }
    (tmp_path / "other").mkdir()
    with (
        live_server(tmp_path, postgres_dsn, limits) as first,
        live_server(tmp_path / "other", postgres_dsn, limits) as second,
    ):
        create_identity(first, "ada@example.com")
        with ThreadPoolExecutor(8) as pool:
            both = [first, second] * 12
            answers = list(pool.map(lambda server: native_login(server, "ada@example.com", "wrong"), both))
        assert 10 <= evaluated(answers) <= 15
        assert [native_login(server, "ada@example.com").status_code for server in (first, second)] == [429, 429]
        others = [native_login(server, f"n{n}@example.com", "wrong") for n in range(4) for server in (first, second)]
        assert [answer.status_code for answer in others] == [400] * 4 + [429] * 4


def test_who_is_right_may_be_so_many_times_at_once(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn, FAST) as server:
        create_identity(server, "ada@example.com")
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: native_login(server, "ada@example.com"), range(32)))
        assert {answer.status_code for answer in answers} == {200}


def test_who_is_unknown_is_refused_like_who_is_known(tmp_path: Path) -> None:
    with live_server(tmp_path, "", FAST) as server:
        create_identity(server, "ada@example.com")
        known = [native_login(server, "ada@example.com", "wrong-0").status_code for _ in range(12)]
        unknown = [native_login(server, "nobody@example.com", "wrong-0").status_code for _ in range(12)]
    assert known == unknown == [400] * 10 + [429] * 2


def test_another_spelling_is_no_further_chance(tmp_path: Path) -> None:
    with live_server(tmp_path, "", FAST) as server:
        create_identity(server, "ada@example.com")
        for spelling in ("ada@example.com", "ADA@example.com", " ada@example.com ", "ａda@example.com"):
            outcomes(server, spelling, 5, workers=1)
        assert native_login(server, "ada@example.com").status_code == 429


def test_a_success_forgets_what_was_wrong(tmp_path: Path) -> None:
    with live_server(tmp_path, "", FAST) as server:
        create_identity(server, "ada@example.com")
        for _ in range(3):
            assert evaluated(outcomes(server, "ada@example.com", 8, workers=1)) == 8
            assert native_login(server, "ada@example.com").status_code == 200


def test_a_stranger_locks_nobody_out_of_a_known_device(tmp_path: Path) -> None:
    with live_server(tmp_path, "", FAST) as server, httpx2.Client(timeout=PATIENCE) as browser:
        create_identity(server, "ada@example.com")

        def sign_in(password: str = "wind-9-Mill-Sail") -> int:
            for name in list(browser.cookies):
                if name.startswith("ory_kratos_session"):
                    browser.cookies.delete(name)
            flow = browser.get(
                server.public + "self-service/login/browser", headers={"Accept": "application/json"}
            ).json()
            token = next(
                n["attributes"]["value"] for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token"
            )
            body = {"method": "password", "identifier": "ada@example.com", "password": password, "csrf_token": token}
            return browser.post(flow["ui"]["action"], json=body, headers={"Accept": "application/json"}).status_code

        assert sign_in() == 200
        outcomes(server, "ada@example.com", 30)
        assert native_login(server, "ada@example.com").status_code == 429
        assert sign_in() == 200
        assert [sign_in("wrong-0") for _ in range(12)] == [400] * 10 + [429] * 2


def test_an_address_has_a_budget(tmp_path: Path) -> None:
    limits = {"security": {"brute_force": {"enabled": True, "per_address": {"attempts": 20, "window": "1m"}}}}
    with live_server(tmp_path, "", limits) as server:
        answers = [native_login(server, f"n{n}@example.com", "wrong-0").status_code for n in range(25)]
    assert answers == [400] * 20 + [429] * 5


@pytest.mark.parametrize("forged", ["1.2.3.4", "a", "127.0.0.1, 9.9.9.9"])
def test_a_forged_address_is_no_further_budget(tmp_path: Path, forged: str) -> None:
    limits = {
        "security": {"brute_force": {"enabled": True, "per_address": {"attempts": 5, "window": "1m"}}},
        "serve": {"public": {"trusted_proxies": []}},
    }
    with live_server(tmp_path, "", limits) as server:
        flow = httpx2.get(server.public + "self-service/login/api", timeout=PATIENCE).json()
        body = {"method": "password", "identifier": "x@example.com", "password": "y"}
        statuses = [
            httpx2.post(
                flow["ui"]["action"], json=body, headers={"X-Forwarded-For": f"{forged}{n}"}, timeout=PATIENCE
            ).status_code
            for n in range(8)
        ]
    assert statuses == [400] * 5 + [429] * 3


def test_development_is_not_held_up(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        assert evaluated(outcomes(server, "ada@example.com", 20)) == 20
