"""What browsers send back has one spelling, and everything else is refused."""

import json

import pytest

from identity_server.methods.security_keys import answers
from identity_server.methods.security_keys.answers import UnreadableAnswer
from software_keys import SoftwareKey

REQUEST = {"publicKey": {"challenge": "AAAA", "rpId": "app.test"}}
CREATION = {"publicKey": {"challenge": "AAAA", "rp": {"id": "app.test"}, "user": {"id": "AQID"}}}


def test_an_assertion_is_read() -> None:
    key = SoftwareKey(user=b"somebody")
    read = answers.assertion(json.dumps(key.get(REQUEST)))
    assert (read.id, read.user_handle) == (key.id, b"somebody")
    assert json.loads(read.client_data)["type"] == "webauthn.get"
    assert len(read.authenticator_data) == 37


def test_a_key_may_keep_its_user_to_itself() -> None:
    for handle in ("", None):
        answer = SoftwareKey().get(REQUEST)
        answer["response"]["userHandle"] = handle
        assert answers.assertion(json.dumps(answer)).user_handle == b""


def test_an_attestation_tells_how_the_key_is_reached() -> None:
    answer = SoftwareKey().create(CREATION)
    answer["response"]["transports"] = ["usb", "nfc", "telepathy", 3]
    assert answers.attestation(json.dumps(answer)).transports == ("usb", "nfc")
    answer["response"]["transports"] = "usb"
    assert answers.attestation(json.dumps(answer)).transports == ()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"x"', "{}", '{"response": []}', "not json"])
def test_what_is_no_object_with_a_response_is_refused(text: str) -> None:
    with pytest.raises(UnreadableAnswer):
        answers.assertion(text)


def test_a_huge_answer_is_not_looked_at() -> None:
    with pytest.raises(UnreadableAnswer, match="too long"):
        answers.attestation('{"id": "' + "A" * 70_000 + '"}')


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("value", [None, "", 7, ["AAAA"], "AA==AA", "A", "AA+/", "AA A", "AA\nAA", "AB", "é"])
def test_bytes_in_another_spelling_are_refused(name: str, value: object) -> None:
    answer = SoftwareKey().get(REQUEST)
    answer["response"][name] = value
    with pytest.raises(UnreadableAnswer, match=name):
        answers.assertion(json.dumps(answer))


@pytest.mark.parametrize(
    "change", [{"type": "password"}, {"id": "AAAA"}, {"rawId": None, "id": None}, {"id": 7, "rawId": 7}]
)
def test_an_answer_about_something_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UnreadableAnswer):
        answers.assertion(json.dumps({**SoftwareKey().get(REQUEST), **change}))
