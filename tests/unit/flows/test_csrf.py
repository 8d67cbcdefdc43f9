"""Anti-forgery tokens."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.flows import csrf
from identity_server.flows.caller import Caller


def caller(**headers: str) -> Caller:
    return Caller("POST", "", {}, headers, {}, "", True, True)


def test_a_masked_secret_matches_and_never_looks_the_same() -> None:
    secret = csrf.new_secret()
    tokens = {csrf.masked(secret) for _ in range(10)}
    assert len(tokens) == 10
    assert all(csrf.matches(secret, token) for token in tokens)
    assert not any(secret in token for token in tokens)


def test_another_secret_does_not_match() -> None:
    assert not csrf.matches(csrf.new_secret(), csrf.masked(csrf.new_secret()))


@given(st.text(max_size=100))
def test_what_somebody_makes_up_does_not_match(text: str) -> None:
    assert not csrf.matches(csrf.new_secret(), text)
    assert not csrf.matches(text, csrf.masked(csrf.new_secret()))


@pytest.mark.parametrize("empty", ["", base64.b64encode(b"").decode(), base64.b64encode(b"\0" * 31).decode()])
def test_an_empty_pair_does_not_match(empty: str) -> None:
    assert not csrf.matches(empty, empty)
    assert not csrf.matches(empty, csrf.masked(empty))


def test_two_deployments_on_one_host_have_cookies_of_their_own() -> None:
    names = {csrf.cookie_name(url) for url in ("http://127.0.0.1:4433/", "http://127.0.0.1:4533/")}
    assert len(names) == 2 and all(name.startswith("csrf_token_") for name in names)


@pytest.mark.parametrize(
    ("sent", "token_sent", "secret", "expected"),
    [
        ({}, True, "", "no cookies"),
        ({"cookie": "a=b"}, False, "x", "the token is not"),
        ({"cookie": "a=b"}, True, "x", "do not belong together"),
    ],
)
def test_the_refusal_says_what_is_missing(sent: dict[str, str], token_sent: bool, secret: str, expected: str) -> None:
    error = csrf.violation(caller(**sent), token_sent=token_sent, secret=secret)
    assert (error.status, error.id) == (403, "security_csrf_violation")
    assert expected in str(error.details)
