"""Bodies of submissions."""

import json

import pytest

from identity_server.errors import ApiError
from identity_server.flows import forms
from identity_server.flows.caller import Caller


def sent(body: bytes | str, media: str, method: str = "POST", query: dict[str, list[str]] | None = None) -> Caller:
    octets = body.encode() if isinstance(body, str) else body
    return Caller(method, "", query or {}, {"content-type": media}, {}, "", False, False, octets)


def test_json_stays_as_it_is() -> None:
    assert forms.read(sent('{"a": {"b": [1]}}', "application/json; charset=utf-8")) == {"a": {"b": [1]}}


def test_dotted_names_are_nested() -> None:
    assert forms.read(sent("method=x&traits.name.first=Ivy", forms.URLENCODED)) == {
        "method": "x",
        "traits": {"name": {"first": "Ivy"}},
    }


def test_a_dot_of_the_name_itself_is_escaped() -> None:
    assert forms.read(sent("traits.a\\.b=x", forms.URLENCODED)) == {"traits": {"a.b": "x"}}


def test_a_name_given_twice_is_a_list() -> None:
    assert forms.read(sent("a=1&a=2&a=3", forms.URLENCODED)) == {"a": ["1", "2", "3"]}


def test_multipart_is_read() -> None:
    body = '--x\r\nContent-Disposition: form-data; name="traits.email"\r\n\r\na@b.test\r\n--x--\r\n'
    assert forms.read(sent(body, "multipart/form-data; boundary=x")) == {"traits": {"email": "a@b.test"}}


def test_a_link_is_read_by_its_query() -> None:
    assert forms.read(sent(b"", "", "GET", {"code": ["1"], "flow": ["2"]})) == {"code": "1", "flow": "2"}


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ("", forms.JSON),
        ("[]", forms.JSON),
        ("{", forms.JSON),
        ('{"a": "\ud800"}'.encode("utf-8", "surrogatepass"), forms.JSON),
        (json.dumps({"a": None}) + "x", forms.JSON),
        ("[" * 300 + "]" * 300, forms.JSON),
        ('{"a":' * 300 + "1" + "}" * 300, forms.JSON),
        ("a=1", "text/plain"),
        ("a=1", ""),
        (b"a=%ff", forms.URLENCODED),
        (b"a=\xff", forms.URLENCODED),
        ("&".join(f"a{number}=1" for number in range(1001)), forms.URLENCODED),
        ("--x\r\n", "multipart/form-data"),
        ("garbage", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_what_cannot_be_read_says_what_is_allowed(body: bytes | str, media: str) -> None:
    with pytest.raises(forms.UnreadableForm) as caught:
        forms.read(sent(body, media))
    assert str(caught.value)


def test_a_thousand_parts_of_multipart_are_enough() -> None:
    part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    with pytest.raises(forms.UnreadableForm, match="too many"):
        forms.read(sent(part * 1001 + "--x--\r\n", "multipart/form-data; boundary=x"))


def test_texts_and_flags() -> None:
    form = {"one": "1", "many": ["a", "b"], "number": 1, "yes": True, "on": "on", "no": "no"}
    assert [forms.text_of(form, name) for name in ("one", "many", "number", "none")] == ["1", "b", "", ""]
    assert [forms.flag_of(form, name) for name in ("yes", "on", "no", "none")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        ('{"transient_payload": {"a": [1]}}', forms.JSON, {"a": [1]}),
        ('{"transient_payload": null}', forms.JSON, {}),
        ("{}", forms.JSON, {}),
        ("transient_payload=%7B%22a%22%3A1%7D", forms.URLENCODED, {"a": 1}),
        ("transient_payload.a=1", forms.URLENCODED, {}),
        ("transient_payload=", forms.URLENCODED, {}),
    ],
)
def test_what_a_client_passes_on(body: str, media: str, expected: dict[str, object]) -> None:
    caller = sent(body, media)
    assert forms.payload_of(caller, forms.read(caller)) == expected


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ('{"transient_payload": "text"}', forms.JSON),
        ('{"transient_payload": [1]}', forms.JSON),
        ('{"transient_payload": 0}', forms.JSON),
        ("transient_payload=text", forms.URLENCODED),
        ("transient_payload=%5B1%5D", forms.URLENCODED),
    ],
)
def test_anything_but_an_object_cannot_be_passed_on(body: str, media: str) -> None:
    caller = sent(body, media)
    with pytest.raises(ApiError, match="must be an object"):
        forms.payload_of(caller, forms.read(caller))
