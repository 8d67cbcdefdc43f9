"""Each kind of node, and what it shows."""

import pytest

from identity_server.messages import labels, login, settings
from identity_server.ui import nodes
from identity_server.ui.nodes import Node


def test_a_field_shows_whether_it_is_disabled_and_nothing_that_is_empty() -> None:
    assert nodes.input_node("traits.name", "text").to_json() == {
        "type": "input",
        "group": "default",
        "attributes": {"node_type": "input", "name": "traits.name", "type": "text", "disabled": False},
        "messages": [],
        "meta": {},
    }


def test_a_field_shows_all_it_has() -> None:
    node = nodes.input_node(
        "code",
        "text",
        "code",
        value="",
        label=labels.recovery_code(),
        required=True,
        disabled=True,
        autocomplete="one-time-code",
        pattern="[0-9]+",
        maxlength=6,
        onclick="window.f()",
        onclick_trigger="oryPasskeyLogin",
        onload="window.g()",
        onload_trigger="oryPasskeyLoginAutocompleteInit",
    )
    assert node.to_json()["attributes"] == {
        "node_type": "input",
        "name": "code",
        "type": "text",
        "value": "",
        "required": True,
        "disabled": True,
        "autocomplete": "one-time-code",
        "pattern": "[0-9]+",
        "maxlength": 6,
        "onclick": "window.f()",
        "onclickTrigger": "oryPasskeyLogin",
        "onload": "window.g()",
        "onloadTrigger": "oryPasskeyLoginAutocompleteInit",
    }
    assert node.to_json()["meta"] == {"label": labels.recovery_code().to_json()}


def test_null_and_false_are_values() -> None:
    assert nodes.hidden("a", value=None).attributes["value"] is None
    assert nodes.input_node("a", "checkbox", value=False).attributes["value"] is False
    assert "value" not in nodes.hidden("a").attributes


def test_a_button_has_a_name_a_value_and_a_label() -> None:
    node = nodes.submit("method", "password", "password", login.use_password())
    assert (node.name, node.value, node.group, node.is_button) == ("method", "password", "password", True)


def test_the_token_is_required_even_when_it_is_empty() -> None:
    assert nodes.csrf("").attributes == {
        "node_type": "input",
        "name": "csrf_token",
        "type": "hidden",
        "value": "",
        "required": True,
        "disabled": False,
    }


def test_a_script_is_pinned_to_its_bytes() -> None:
    attributes = nodes.script("s", "webauthn", "/w.js", integrity="sha512-x", nonce="n").attributes
    assert attributes == {
        "node_type": "script",
        "id": "s",
        "src": "/w.js",
        "async": True,
        "referrerpolicy": "no-referrer",
        "crossorigin": "anonymous",
        "integrity": "sha512-x",
        "type": "text/javascript",
        "nonce": "n",
    }


def test_words_pictures_links_and_places() -> None:
    secret = settings.authenticator_secret("abc")
    assert nodes.text("key", "totp", secret).attributes == {"node_type": "text", "id": "key", "text": secret.to_json()}
    assert nodes.img("qr", "totp", "data:x", width=2, height=1).attributes == {
        "node_type": "img",
        "id": "qr",
        "src": "data:x",
        "width": 2,
        "height": 1,
    }
    title = labels.proceed()
    assert nodes.a("continue", "code", "/x", title).attributes == {
        "node_type": "a",
        "id": "continue",
        "href": "/x",
        "title": title.to_json(),
    }
    assert nodes.div("d", "captcha", classes="c", data={"k": "v"}).attributes == {
        "node_type": "div",
        "id": "d",
        "class": "c",
        "data": {"k": "v"},
    }
    assert nodes.div("d", "captcha").attributes == {"node_type": "div", "id": "d"}


def test_a_node_is_called_by_its_name_or_id() -> None:
    assert nodes.hidden("a").name == "a"
    assert nodes.img("b", "totp", "", width=1, height=1).name == "b"


@pytest.mark.parametrize("value", ["x", None, 0, nodes.UNSET])
def test_a_value_can_be_given_and_taken(value) -> None:
    node = nodes.hidden("a", value="before")
    node.set_value(value)
    assert node.attributes.get("value", nodes.UNSET) is value


def test_a_node_that_was_read_does_not_share_what_it_was_read_from() -> None:
    stored = nodes.hidden("a", value="x").to_json()
    Node.from_json(stored).set_value("y")
    assert stored["attributes"]["value"] == "x"


def test_every_recorded_form_is_read_and_written_unchanged(recorded) -> None:
    for each in recorded:
        for node in each.form["nodes"] or ():
            assert Node.from_json(node).to_json() == node
