"""A challenge belongs to a form and to ten minutes."""

from datetime import timedelta

import pytest

from identity_server import times
from identity_server.flows.model import BROWSER, Flow, new_flow
from identity_server.methods.security_keys import challenges

NOW = "2026-03-01T12:00:00.000000Z"
LATER = times.after(NOW, timedelta(minutes=10))


@pytest.fixture
def flow() -> Flow:
    return new_flow("login", BROWSER, action="", request_url="", now=NOW, lifespan=timedelta(hours=1))


def test_a_form_without_one_has_none(flow: Flow) -> None:
    assert challenges.pending(flow, "passkey") is None


def test_the_form_keeps_what_it_asked(flow: Flow) -> None:
    made = challenges.begin(flow, "passkey", NOW, b"somebody")
    stored = Flow.from_document(flow.document(), 0)
    assert challenges.pending(stored, "passkey") == made
    assert challenges.pending(stored, "webauthn") is None
    assert len(made.value) == 32


def test_every_challenge_is_another(flow: Flow) -> None:
    assert len({challenges.begin(flow, "passkey", NOW).value for _ in range(50)}) == 50


def test_a_good_one_is_asked_again_and_an_old_one_replaced_for_the_same_user(flow: Flow) -> None:
    made = challenges.begin(flow, "passkey", NOW, b"somebody")
    assert challenges.pending_or_new(flow, "passkey", NOW, b"other") == made
    renewed = challenges.pending_or_new(flow, "passkey", LATER, b"other")
    assert renewed.value != made.value
    assert renewed.user == b"somebody"
    assert challenges.pending_or_new(flow, "webauthn", NOW, b"other").user == b"other"


def test_its_time_is_ten_minutes(flow: Flow) -> None:
    made = challenges.begin(flow, "passkey", NOW)
    assert made.expires_at == LATER
    assert made.is_expired(LATER)
    assert not made.is_expired(times.after(NOW, timedelta(minutes=9, seconds=59)))


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\xfb\xff", b"abc", b"abcd"])
def test_bytes_come_back_with_or_without_padding(octets: bytes) -> None:
    text = challenges.encoded(octets)
    assert "=" not in text
    assert challenges.decoded(text) == octets
    assert challenges.decoded(text + "=" * (-len(text) % 4)) == octets


@pytest.mark.parametrize("text", ["A", "AA+A", "AA/A", "AA A", "ÄÄ", "AA=A", "AB"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|ASCII"):
        challenges.decoded(text)
