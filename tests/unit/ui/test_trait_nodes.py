"""The fields of a schema as nodes."""

from identity_server.messages import labels
from identity_server.schema.fields import TraitField
from identity_server.ui.container import flatten
from identity_server.ui.trait_nodes import trait_nodes

EMAIL = TraitField("traits.email", "email", title="E-mail", required=True, autocomplete="email")
ZIP = TraitField("traits.zip", "text", pattern="^[0-9]{5}$", disabled=True)


def test_a_field_is_shown_as_the_schema_says() -> None:
    (node,) = trait_nodes([EMAIL], {}, "default")
    assert node.to_json() == {
        "type": "input",
        "group": "default",
        "attributes": {
            "node_type": "input",
            "name": "traits.email",
            "type": "email",
            "autocomplete": "email",
            "required": True,
            "disabled": False,
        },
        "messages": [],
        "meta": {"label": labels.trait("traits.email", "E-mail").to_json()},
    }


def test_a_field_without_a_title_has_no_label() -> None:
    (node,) = trait_nodes([ZIP], {}, "profile")
    assert node.label is None
    assert (node.group, node.attributes["pattern"], node.attributes["disabled"]) == ("profile", "^[0-9]{5}$", True)


def test_values_are_filled_in() -> None:
    shown = trait_nodes([EMAIL, ZIP], flatten({"email": "ada@example.com"}, "traits"), "profile")
    assert [node.value for node in shown] == ["ada@example.com", None]
    assert "value" not in shown[1].attributes
