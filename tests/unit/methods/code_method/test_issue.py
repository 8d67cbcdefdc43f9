"""Making codes, and telling whether one was typed."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from identity_server import times
from identity_server.ciphers.signing import Keys
from identity_server.flows.model import Flow, new_flow
from identity_server.identity.model import Address
from identity_server.methods.code_method import issue

NOW = "2026-01-01T00:00:00.000000Z"


def services(*secrets: str) -> Any:
    configuration = SimpleNamespace(span=lambda key: timedelta(minutes=10))
    return SimpleNamespace(cookie_keys=Keys(secrets or ("first",)), configuration=configuration, now=lambda: NOW)


def a_flow() -> Flow:
    return new_flow("recovery", "api", action="", request_url="", now=NOW, lifespan=timedelta(hours=1))


def test_a_code_has_six_digits_and_is_stored_as_a_digest() -> None:
    address = Address("a", "ada@mail.test", "email", NOW, NOW)
    code, stored = issue.new_code(services(), a_flow(), identity_id="i", address=address)
    assert len(code) == 6
    assert code.isdecimal()
    assert code not in str(stored)
    assert (stored.address, stored.via, stored.identity_id, stored.address_id) == ("ada@mail.test", "email", "i", "a")
    assert stored.expires_at == times.after(NOW, timedelta(minutes=10))


def test_only_the_code_itself_matches() -> None:
    code, stored = issue.new_code(services(), a_flow(), identity_id="i")
    assert issue.matches(services(), stored, code)
    for wrong in ("", code[:5], code + "0", f" {code}", code.translate({ord(d): ord(d) + 0x0660 - 0x30 for d in code})):
        assert not issue.matches(services(), stored, wrong)


def test_a_code_is_worth_nothing_in_another_flow() -> None:
    code, stored = issue.new_code(services(), a_flow(), identity_id="i")
    stored.__dict__["flow_id"] = a_flow().id
    assert not issue.matches(services(), stored, code)


def test_a_code_outlives_a_rotation_and_no_more() -> None:
    code, stored = issue.new_code(services("old"), a_flow(), identity_id="i")
    assert issue.matches(services("new", "old"), stored, code)
    assert not issue.matches(services("new"), stored, code)


def test_nobody_can_type_a_decoy() -> None:
    code, stored = issue.decoy(services(), a_flow(), "nobody@mail.test", "email")
    assert not issue.matches(services(), stored, code)
    assert stored.identity_id is None
    assert (stored.address, stored.via) == ("nobody@mail.test", "email")
