"""The fields of recorded forms are those that their schemas give here."""

import os
from pathlib import Path
from typing import Any

import yaml

from identity_server.schema.registry import SchemaEntry, SchemaRegistry
from identity_server.ui.nodes import Node
from identity_server.ui.trait_nodes import trait_nodes

FOLDER = Path(os.environ.get("KRATOS_CONFORMANCE", Path(__file__).parents[4] / "shared" / "conformance"))
#: Forms whose schema is another than the scenario's first, or whose mapper added a field.
OTHER_SCHEMAS = {"registration-schemas", "oidc-mapper-schema", "admin-schemas"}


def expected(scenario: str) -> dict[str, dict[str, Any]] | None:
    document = yaml.safe_load((FOLDER / "scenarios" / f"{scenario}.yaml").read_text(encoding="utf-8"))
    file = next(iter(document.get("schemas", {}).values()), None)
    if not isinstance(file, str) or scenario in OTHER_SCHEMAS:
        return None
    registry = SchemaRegistry([SchemaEntry("a", file)], "a", lambda url: (FOLDER / "schemas" / url).read_bytes())
    return {node.name: shown(node) for node in trait_nodes(registry.get("a").fields, {}, "default")}


def shown(node: Node) -> dict[str, Any]:
    attributes = {key: value for key, value in node.attributes.items() if key != "value"}
    return {**attributes, "label": node.label and (node.label.id, node.label.context)}


def test_recorded_fields_are_those_of_the_schema(recorded) -> None:
    schemas = {scenario: expected(scenario) for scenario in {each.scenario for each in recorded}}
    compared = 0
    for each in recorded:
        wanted = schemas[each.scenario]
        nodes = [Node.from_json(node) for node in each.form["nodes"] or ()]
        if wanted is None or each.kind not in ("registration", "settings"):
            continue
        for node in nodes:
            visible = node.attributes.get("type") != "hidden"
            if node.name in wanted and visible:
                assert shown(node) == wanted[node.name], (each.scenario, each.step)
                compared += 1
    assert compared > 300
