"""Traits that were refused on record are refused here, with the same messages at the same fields."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from identity_server.messages.validation import message_for
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.schema.registry import SchemaEntry, SchemaRegistry

FOLDER = Path(os.environ.get("KRATOS_CONFORMANCE", Path(__file__).parents[4] / "shared" / "conformance"))
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no recordings here")


def schema(file: str) -> IdentitySchema:
    return SchemaRegistry([SchemaEntry("a", file)], "a", lambda url: (FOLDER / "schemas" / url).read_bytes()).get("a")


def scenario(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8"))


def answers(name: str) -> dict[str, Any]:
    golden = json.loads((FOLDER / "scenarios" / "golden" / f"{name}.json").read_text(encoding="utf-8"))
    return {step["name"]: step["got"] for step in golden["steps"]}


def told(form: dict[str, Any]) -> set[tuple[str, int, str]]:
    return {
        (node["attributes"]["name"], message["id"], comparable(message.get("context")))
        for node in form["nodes"]
        for message in node["messages"]
    }


def comparable(context: Any) -> str:
    return json.dumps({key: value for key, value in (context or {}).items() if key != "reason"}, sort_keys=True)


def test_each_rule_of_the_survey_says_what_was_recorded() -> None:
    survey, recorded = schema("survey.schema.json"), answers("registration-schema-errors")
    for case in scenario("registration-schema-errors")["steps"][1]["repeat"]:
        violations = survey.validate(case["traits"])
        ours = {(each.pointer, message_for(each).id, comparable(message_for(each).context)) for each in violations}
        assert ours == told(recorded[f"[{case['rule']}] is refused"]["body"]["ui"]), case["rule"]


def test_several_rules_at_once() -> None:
    traits = {"email": "kay", "terms": True, "zip": "12", "age": 3}
    violations = schema("survey.schema.json").validate(traits)
    ours = {(each.pointer, message_for(each).id, comparable(message_for(each).context)) for each in violations}
    assert ours == told(answers("registration-schema-errors")["several rules at once"]["body"]["ui"])


def test_identities_that_an_operator_could_not_create_break_a_rule() -> None:
    schemas = {"staff": schema("admin-staff.json"), "device": schema("admin-device.json")}
    recorded = answers("admin-identity-refused")
    refused = [
        each["body"] or {}
        for each in scenario("admin-identity-refused")["vars"]["bodies"]
        if "I[#" in json.dumps(recorded[f"[{each['about']}] create"]["body"])
    ]
    assert len(refused) > 20
    for body in refused:
        assert schemas[body.get("schema_id", "staff")].validate(body.get("traits", {})) != [], body
