"""Our reading of the schema against a general validator's."""

import contextlib
import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from identity_server.configuration import ConfigurationError, checking, of, tree
from identity_server.configuration.formats import FORMATS
from identity_server.configuration.measures import duration

FORMAT_CHECKER = jsonschema.FormatChecker(formats=())
for name, check in FORMATS.items():
    FORMAT_CHECKER.checks(name)(lambda value, check=check: not isinstance(value, str) or check(value))
VALIDATOR = jsonschema.Draft202012Validator(tree.document(), format_checker=FORMAT_CHECKER)
USED = set(checking._RULES) | {"type", "then", "else", "properties"}
NOTES = {
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "x-allowed",
    "x-secret",
    "x-ours",
    "x-immutable",
    "x-not",
    "x-one-of",
}


def every_node(node: Any) -> Any:
    if isinstance(node, dict):
        yield node
        for keyword, value in node.items():
            if keyword in ("properties", "$defs"):
                for child in value.values():
                    yield from every_node(child)
            elif keyword not in ("default", "const", "enum"):
                yield from every_node(value)
    elif isinstance(node, list):
        for item in node:
            yield from every_node(item)


def test_the_schema_is_valid_and_uses_only_rules_that_we_read():
    jsonschema.Draft202012Validator.check_schema(tree.document())
    used = {keyword for node in every_node(tree.document()) for keyword in node}
    assert used <= USED | NOTES


def test_every_key_says_what_it_is_for_and_every_section_is_closed():
    for node in every_node(tree.document()):
        for name, child in node.get("properties", {}).items():
            if child.keys() & {"type", "$ref"}:
                assert tree.expand(child).get("description"), name
        if node.get("type") == "object" and "properties" in node:
            assert node.get("additionalProperties") is False


def test_every_default_is_allowed():
    for node in every_node(tree.document()):
        if "default" in node:
            assert checking.accepts(tree.expand(node), node["default"])


scalars = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(-5, 70000),
    some.floats(-1, 2),
    some.sampled_from(
        [
            "",
            "1h",
            "128MB",
            "true",
            "https://a.test/",
            "file:///a",
            "base64://e30=",
            "/path",
            "a" * 32,
            "memory",
            "a@b.test",
        ]
    ),
)


def values(path: tuple[str, ...], node: Any, depth: int = 0) -> some.SearchStrategy[Any]:
    """Mostly right values for a key, and some that are wrong."""
    node = tree.expand(node)
    choices = [some.sampled_from(node["enum"])] if "enum" in node else []
    if "default" in node:
        choices.append(some.just(node["default"]))
    members = tree.members(node)
    if members and depth < 6:
        names = some.lists(some.sampled_from([*sorted(members), "unknown"]), max_size=4, unique=True)
        choices.append(
            names.flatmap(
                lambda chosen: some.fixed_dictionaries(
                    {name: values((*path, name), members.get(name, {}), depth + 1) for name in chosen}
                )
            )
        )
    if "items" in node and depth < 6:
        choices.append(some.lists(some.deferred(lambda: values(path, node["items"], depth + 1)), max_size=3))
    return some.one_of(*choices, scalars)


@settings(max_examples=300, deadline=None)
@given(some.data())
def test_we_accept_what_a_general_validator_accepts(data: some.DataObject):
    sections = data.draw(some.lists(some.sampled_from(sorted(tree.document()["properties"])), max_size=4, unique=True))
    document = {
        "dsn": "memory",
        "identity": {"schemas": [{"id": "default", "url": "base64://e30="}]},
        "selfservice": {"default_browser_return_url": "/"},
    }
    for name in sections:
        document[name] = data.draw(values((name,), tree.document()["properties"][name]))
    before = copy.deepcopy(document)
    assert checking.accepts(tree.document(), document) == VALIDATOR.is_valid(document)
    assert document == before
    with contextlib.suppress(ConfigurationError):
        assert of(document).with_secrets_hidden().keys() >= document.keys()


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [(True, 1, False), (1, 1.0, True), ([1], [True], False), ({"a": 0}, {"a": False}, False), ("a", "a", True)],
)
def test_equality_is_that_of_json(first, second, equal):
    assert checking.same(first, second) is equal


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h30m", 5400), ("0s", 0), ("1500ms", 1.5), ("1us", 0.000001), ("24h", 86400)]
)
def test_durations_are_gos(text, seconds):
    assert duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "1", "1d", "-1h", "1.5h", "1h ", "h", "3000000h" * 20])
def test_other_durations_are_refused(text):
    with pytest.raises(ValueError, match=r"not a duration|longer"):
        duration(text)
