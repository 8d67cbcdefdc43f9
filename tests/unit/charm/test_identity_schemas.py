import base64
import json
from pathlib import Path
from typing import Any

import pytest

from identity_charm import identity_schemas
from identity_charm.identity_schemas import IdentitySchemas, SchemaError

GOOD = {"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}}


def load(documents: Any, default: str = "own") -> IdentitySchemas:
    return IdentitySchemas.load(json.dumps(documents), default)


def test_without_options_the_built_in_ones() -> None:
    schemas = IdentitySchemas.load("", "")
    assert set(schemas.documents) == {"admin_v0", "social_user_v0"}
    assert schemas.default == "social_user_v0"


def test_own_schemas_are_added_and_become_the_default() -> None:
    settings = load({"own": GOOD}).settings()["identity"]
    assert settings["default_schema_id"] == "own"
    urls = {one["id"]: one["url"] for one in settings["schemas"]}
    assert set(urls) == {"admin_v0", "own", "social_user_v0"}
    assert json.loads(base64.b64decode(urls["own"].removeprefix("base64://"))) == GOOD


def test_an_own_schema_replaces_a_built_in_one_of_its_id() -> None:
    assert load({"admin_v0": GOOD}, "admin_v0").documents["admin_v0"] == GOOD


def test_a_built_in_schema_can_be_the_default() -> None:
    assert IdentitySchemas.load("", "admin_v0").default == "admin_v0"


@pytest.mark.parametrize("path", sorted(identity_schemas.BUILT_IN.glob("*.json")), ids=lambda path: path.stem)
def test_the_built_in_ones_pass_their_own_check(path: Path) -> None:
    identity_schemas.check(path.stem, json.loads(path.read_text(encoding="utf-8")))


def test_an_administrator_signs_in_with_the_name_or_the_address() -> None:
    traits = identity_schemas.built_in()["admin_v0"]["properties"]["traits"]["properties"]
    identifiers = {
        name
        for name, trait in traits.items()
        if trait.get("ory.sh/kratos", {}).get("credentials", {}).get("password", {}).get("identifier")
    }
    assert identifiers == {"username", "email"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON (line 1, column 2)"),
        ("[" * 100_000, "not JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
        ('{" ": {}}', "without an id"),
        ('{"own": 1}', 'identity schema "own" must be a JSON object'),
        ('{"own": {"type": 7}}', 'identity schema "own" is no JSON schema'),
        ('{"own": {"type": "object"}}', "needs properties.traits"),
        ('{"own": {"properties": {"traits": {"type": "object", "properties": {}}}}}', "at least one property"),
        ('{"own": {"properties": {"traits": {"type": "string"}}}}', "needs properties.traits"),
        ('{"own": {"properties": {"traits": true}}}', "needs properties.traits"),
        (" " + '"' + "x" * 1024 * 1024, "larger than 1 MiB"),
    ],
)
def test_what_is_no_schema_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(SchemaError) as refused:
        IdentitySchemas.load(text, "own")
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_bad_schema_says_where_it_is_bad() -> None:
    with pytest.raises(SchemaError, match="at properties/traits/properties/email/minLength"):
        load({"own": {"properties": {"traits": {"type": "object", "properties": {"email": {"minLength": "3"}}}}}})


def test_own_schemas_need_a_default() -> None:
    with pytest.raises(SchemaError, match="set default_identity_schema_id to one of a, b"):
        load({"a": GOOD, "b": GOOD}, "")


def test_the_default_must_exist() -> None:
    with pytest.raises(SchemaError, match='the default schema "other" is none of admin_v0, own, social_user_v0'):
        load({"own": GOOD}, "other")
