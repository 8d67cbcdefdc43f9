"""Whose codes are guessed."""

from identity_server.flows.one_time import StoredCode
from identity_server.methods.code_method.checking import subject

NOW = "2026-01-01T00:00:00.000000Z"


def a_code(address: str = "", via: str = "email", identity_id: str | None = None) -> StoredCode:
    return StoredCode("id", "recovery", "flow", "hash", address, via, identity_id, None, NOW, NOW)


def test_every_spelling_of_an_address_is_one_subject() -> None:
    spellings = ("ada@mail.test", "ADA@Mail.Test", "ada@mail.test ")
    assert len({subject("flow", [a_code(each)]) for each in spellings}) == 1
    assert subject("flow", [a_code("+49 151 12345678", "sms")]) == subject("flow", [a_code("+4915112345678", "sms")])


def test_the_newest_code_counts() -> None:
    assert subject("flow", [a_code("old@mail.test"), a_code("new@mail.test")]) == subject(
        "other", [a_code("new@mail.test")]
    )


def test_without_an_address_it_is_the_identity_and_without_that_the_flow() -> None:
    assert subject("one", [a_code(identity_id="i")]) == subject("two", [a_code(identity_id="i")])
    assert subject("one", []) != subject("two", [])


def test_no_address_shows() -> None:
    assert "ada" not in subject("flow", [a_code("ada@mail.test")])


def test_what_cannot_be_an_address_is_a_subject_all_the_same() -> None:
    assert subject("flow", [a_code("\x00")]) == subject("other", [a_code("\x00")])
