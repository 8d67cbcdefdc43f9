"""The order of nodes, against every recorded form."""

import random

from identity_server.ui import nodes
from identity_server.ui.nodes import Node
from identity_server.ui.ordering import ordered

#: Steps after which the form was changed and not sorted again: a code was sent, backup codes were shown.
UNSORTED = {"code", "lookup_secret_codes", "webauthn_login"}


def names(parts: list[Node]) -> list[tuple[str, str]]:
    return [(node.group, node.name) for node in parts]


def traits(parts: list[Node]) -> list[str]:
    return [node.name for node in parts if node.name.startswith("traits.")]


def sorted_forms(recorded) -> list[tuple[str, list[Node]]]:
    forms = [(each.kind, [Node.from_json(node) for node in each.form["nodes"] or ()]) for each in recorded]
    return [(kind, parts) for kind, parts in forms if not UNSORTED & {node.name for node in parts}]


def test_recorded_forms_are_in_order(recorded) -> None:
    for kind, parts in sorted_forms(recorded):
        assert names(ordered(parts, kind, traits(parts))) == names(parts)


def test_shuffled_forms_come_back_in_the_recorded_order(recorded) -> None:
    randomness = random.Random(7)
    for kind, parts in sorted_forms(recorded):
        if kind in ("login", "registration", "settings"):
            mixed = randomness.sample(parts, len(parts))
            # Two fields without a value that nobody lists keep the order in which they were added.
            mixed.sort(key=lambda node: node.name == "passkey_register")
            assert names(ordered(mixed, kind, traits(parts))) == names(parts)


def test_forms_that_were_sent_a_code_for_are_in_order_once_they_are_sorted(recorded) -> None:
    steps = [each for each in recorded if each.scenario == "code-login-email" and each.step == "a wrong code"]
    for each in steps:
        parts = [Node.from_json(node) for node in each.form["nodes"]]
        assert names(ordered(parts, "login")) == names(parts)


def test_the_password_stands_after_the_first_trait_at_sign_up() -> None:
    parts = [
        nodes.input_node("password", "password", "password"),
        nodes.input_node("traits.b", "text"),
        nodes.input_node("traits.a", "text"),
        nodes.csrf(""),
    ]
    order = [node.name for node in ordered(parts, "registration", ["traits.a", "traits.b"])]
    assert order == ["csrf_token", "traits.a", "password", "traits.b"]


def test_the_password_stands_alone_when_another_method_comes_before_it() -> None:
    parts = [
        nodes.input_node("password", "password", "password"),
        nodes.input_node("traits.b", "text"),
        nodes.hidden("method", "code"),
        nodes.input_node("traits.a", "text"),
    ]
    order = [node.name for node in ordered(parts, "registration", ["traits.a", "traits.b"])]
    assert order == ["traits.a", "traits.b", "method", "password"]


def test_a_trait_is_not_taken_for_another_whose_name_it_starts_with() -> None:
    parts = [nodes.input_node("traits.nickname", "text"), nodes.input_node("traits.nick", "text")]
    order = [node.name for node in ordered(parts, "settings", ["traits.nick", "traits.nickname"])]
    assert order == ["traits.nick", "traits.nickname"]


def test_a_group_that_the_flow_does_not_list_comes_first() -> None:
    parts = [nodes.csrf(""), nodes.hidden("identifier", "identifier_first")]
    assert [node.name for node in ordered(parts, "login")] == ["identifier", "csrf_token"]


def test_recovery_and_verification_stay_as_they_are() -> None:
    parts = [nodes.input_node("email", "email", "code"), nodes.csrf("")]
    assert ordered(parts, "recovery") == ordered(parts, "verification") == parts


def test_a_random_token_decides_nothing() -> None:
    for token in ("", "+a", "zzz"):
        parts = [nodes.input_node("traits", "text"), nodes.csrf(token)]
        assert [node.name for node in ordered(parts, "settings")] == ["csrf_token", "traits"]


def test_values_decide_between_buttons_of_one_name() -> None:
    parts = [nodes.hidden("provider", "oidc", value=value) for value in ("zebra", "ant", None)]
    assert [node.value for node in ordered(parts, "login")] == [None, "ant", "zebra"]
