"""How a message is made, shown and translated."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from identity_server.messages import errors, labels, login, recovery, settings
from identity_server.messages.message import Message, compose, render, translate
from identity_server.messages.texts import Entry


def test_a_message_without_values_has_no_context() -> None:
    assert login.sign_in().to_json() == {"id": 1010001, "text": "Sign in", "type": "info"}


def test_a_message_with_values_has_a_context() -> None:
    assert login.sign_in_with("The Hub", "hub").to_json() == {
        "id": 1010002,
        "text": "Sign in with The Hub",
        "type": "info",
        "context": {"provider": "The Hub", "provider_id": "hub"},
    }


@pytest.mark.parametrize("message", [login.sign_in(), login.sign_in_with("a", "b"), errors.password_breached(3)])
def test_a_message_is_stored_and_read_back(message) -> None:
    assert Message.from_json(message.to_json()) == message


def test_a_message_of_a_web_hook_is_taken_as_it_comes() -> None:
    assert Message.from_json({"id": 77, "text": "no", "type": "shout"}) == Message(77, "no", "error")
    assert Message.from_json({"id": 77}) == Message(77, "", "error")


def test_values_are_never_read_as_texts() -> None:
    assert errors.invalid("{id} {0.__class__} %s").text == "{id} {0.__class__} %s"
    assert labels.trait("traits.a", "{name}").text == "{name}"


def test_values_that_are_missing_leave_their_place() -> None:
    assert render("{a} and {b}", {"a": 1}) == "1 and {b}"


def test_lists_are_told_with_commas() -> None:
    codes = [settings.backup_code("abc"), settings.backup_code("def")]
    assert settings.backup_codes(codes).text == "abc, def"
    assert settings.backup_codes(codes).context == {"secrets": [each.to_json() for each in codes]}


def test_times_are_in_utc_and_also_in_seconds() -> None:
    at = datetime(2026, 1, 2, 4, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    assert recovery.recovered(at).context == {
        "privilegedSessionExpiresAt": "2026-01-02T03:04:05Z",
        "privileged_session_expires_at": "2026-01-02T03:04:05Z",
        "privileged_session_expires_at_unix": int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()),
    }


def test_the_label_of_the_identifier_is_its_title_if_it_is_the_only_one() -> None:
    assert labels.identifier("traits.email", "E-mail") == labels.trait("traits.email", "E-mail")
    assert labels.identifier("traits.email").id == labels.identifier().id == 1070004


def test_another_table_translates() -> None:
    table = {4000032: Entry("error", "Mindestens {min_length} Zeichen.", ("min_length",))}
    assert translate(errors.password_too_short(8, 5), table).text == "Mindestens 8 Zeichen."
    assert translate(errors.password_too_short(8, 5), table).context == {"min_length": 8, "actual_length": 5}


def test_what_a_table_lacks_or_cannot_fill_stays_as_it_is() -> None:
    assert translate(login.sign_in(), {}) == login.sign_in()
    assert translate(labels.text("+49****78"), {1070000: Entry("info", "{text}")}) == labels.text("+49****78")


def test_a_number_without_a_text_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        compose(1)
