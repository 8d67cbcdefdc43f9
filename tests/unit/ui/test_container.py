"""What a form can do."""

from hypothesis import given
from hypothesis import strategies as st

from identity_server.messages import errors, labels, login, settings
from identity_server.messages.message import Message
from identity_server.ui import nodes
from identity_server.ui.container import Container, flatten
from identity_server.ui.nodes import Node

TAKEN = errors.account_exists()


def form(*parts: Node) -> Container:
    return Container("/self-service/login?flow=1", nodes=parts)


def names(container: Container) -> list[str]:
    return [node.name for node in container.nodes]


def test_an_empty_form_has_null_for_nodes_and_no_messages() -> None:
    assert form().to_json() == {"action": "/self-service/login?flow=1", "method": "POST", "nodes": None}


def test_messages_are_shown_when_there_are_some() -> None:
    container = form()
    container.add_message(TAKEN)
    assert container.to_json()["messages"] == [TAKEN.to_json()]


def test_a_node_is_found_by_name_and_group() -> None:
    container = form(nodes.hidden("method", "code"), nodes.hidden("method", "password"))
    assert container.find("method").group == "code"
    assert container.find("method", "password").group == "password"
    assert container.find("method", "totp") is None


def test_upsert_replaces_in_place_or_adds_at_the_end() -> None:
    container = form(nodes.hidden("a"), nodes.hidden("b"))
    container.upsert(nodes.hidden("a", value="new"), nodes.hidden("c"))
    assert names(container) == ["a", "b", "c"]
    assert container.find("a").value == "new"


def test_upsert_keeps_the_same_name_of_another_group() -> None:
    container = form(nodes.hidden("method", "code"))
    container.upsert(nodes.hidden("method", "password"))
    assert len(container.nodes) == 2


def test_upsert_keeps_buttons_with_other_values() -> None:
    container = form()
    for provider in ("hub", "other", "hub"):
        container.upsert(nodes.submit("provider", provider, "oidc", login.sign_in_with(provider, provider)))
    assert [node.value for node in container.nodes] == ["hub", "other"]


def test_upsert_turns_a_field_into_a_hidden_one() -> None:
    container = form(nodes.input_node("identifier", "text"))
    container.upsert(nodes.hidden("identifier"))
    assert [node.attributes["type"] for node in container.nodes] == ["hidden"]


def test_append_does_not_replace() -> None:
    container = form(nodes.hidden("method", "code"))
    container.append(nodes.submit("method", "code", "code", labels.proceed()))
    assert names(container) == ["method", "method"]


def test_remove_takes_all_of_a_name_or_those_of_one_group() -> None:
    container = form(nodes.hidden("a"), nodes.hidden("method", "code"), nodes.hidden("method", "totp"))
    container.remove("method", group="code")
    assert [(node.name, node.group) for node in container.nodes] == [("a", "default"), ("method", "totp")]
    container.remove("a", "method")
    assert container.nodes == []


def test_whole_groups_can_go() -> None:
    container = form(nodes.hidden("a", "code"), nodes.hidden("b", "totp"), nodes.hidden("c"))
    container.remove_groups("code", "totp")
    assert names(container) == ["c"]


def test_a_value_goes_to_its_input_or_nowhere() -> None:
    container = form(nodes.input_node("identifier", "text"), nodes.img("qr", "totp", "", width=1, height=1))
    container.set_value("identifier", "ada")
    container.set_value("qr", "x")
    container.set_value("nobody", "x")
    assert container.find("identifier").value == "ada"
    assert "value" not in container.find("qr").attributes


def test_values_of_traits_fill_known_fields_alone() -> None:
    container = form(nodes.input_node("traits.name.first", "text"))
    container.set_values(flatten({"name": {"first": "Ada"}, "shoe": 38}, "traits"))
    assert [(node.name, node.value) for node in container.nodes] == [("traits.name.first", "Ada")]


def test_values_of_traits_make_fields_on_request() -> None:
    container = form()
    container.set_values(flatten({"a": "x", "b": 4.5, "c": True, "d": None, "e": ["y"]}, "traits"), group="profile")
    assert [(node.name, node.attributes["type"], node.group) for node in container.nodes] == [
        ("traits.a", "text", "profile"),
        ("traits.b", "number", "profile"),
        ("traits.c", "checkbox", "profile"),
        ("traits.e.0", "text", "profile"),
    ]


def test_flatten_escapes_dots_and_needs_no_prefix() -> None:
    assert flatten({"a.b": {"c": 1}}) == {"a\\.b.c": 1}
    assert flatten("x", "traits") == {"traits": "x"}
    assert flatten({}, "traits") == {}


def test_the_token_is_put_in_or_replaced() -> None:
    container = form()
    container.set_csrf("one")
    container.set_csrf("two")
    assert [(node.name, node.value) for node in container.nodes] == [("csrf_token", "two")]


def test_a_message_goes_to_its_field() -> None:
    container = form(nodes.input_node("traits.email", "email"))
    container.add_message(TAKEN, "traits.email")
    assert container.messages == []
    assert container.find("traits.email").messages == [TAKEN]


def test_a_message_for_an_unknown_field_makes_one() -> None:
    container = form()
    container.add_message(TAKEN, "traits")
    node = container.find("traits")
    assert (node.type, node.group, node.attributes["type"], node.messages) == ("input", "default", "text", [TAKEN])
    assert "value" not in node.attributes


def test_errors_are_seen_wherever_they_are() -> None:
    container = form(nodes.input_node("a", "text"))
    container.add_message(settings.saved())
    assert not container.has_errors
    container.add_message(TAKEN, "a")
    assert container.has_errors


def test_reset_takes_messages_and_what_was_typed() -> None:
    container = form(
        nodes.csrf("token"),
        nodes.input_node("identifier", "text", value="ada"),
        nodes.input_node("password", "password", "password", value="secret"),
        nodes.submit("method", "password", "password", login.use_password()),
    )
    container.add_message(TAKEN)
    container.add_message(TAKEN, "identifier")
    container.reset("identifier")
    assert not container.has_errors
    assert [node.value for node in container.nodes] == ["token", "ada", None, "password"]


def test_values_of_one_prefix_can_be_cleared() -> None:
    container = form(
        nodes.input_node("traits.a", "text", value="x"),
        nodes.hidden("traits.b", value="y"),
        nodes.input_node("identifier", "text", value="z"),
    )
    container.clear_values("traits.")
    assert [node.value for node in container.nodes] == [None, None, "z"]


def test_every_recorded_form_is_read_and_written_unchanged(recorded) -> None:
    for each in recorded:
        assert Container.from_json(each.form).to_json() == each.form


TEXT = st.text(max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
MESSAGES = st.builds(
    Message,
    id=st.integers(1, 9_999_999),
    text=TEXT,
    type=st.sampled_from(["info", "success", "error"]),
    context=st.none() | st.dictionaries(TEXT, SCALARS, max_size=3),
)
PARTS = st.builds(
    Node,
    type=st.sampled_from(["input", "text", "a", "img", "script", "div"]),
    group=st.sampled_from(["default", "password", "oidc", "new"]),
    attributes=st.dictionaries(TEXT, SCALARS, max_size=4),
    label=st.none() | MESSAGES,
    messages=st.lists(MESSAGES, max_size=3),
)


@given(st.builds(Container, TEXT, TEXT, st.lists(PARTS, max_size=5), st.lists(MESSAGES, max_size=3)))
def test_a_form_is_stored_and_read_back(container) -> None:
    again = Container.from_json(container.to_json())
    assert again == container
    assert again.nodes == container.nodes
    assert again.messages == container.messages
