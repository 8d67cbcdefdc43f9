"""The face of the charm: four files that agree with each other and with the code."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from identity_charm.actions import ACTIONS
from identity_charm.options import Options
from identity_server import contract

ROOT = Path(__file__).parents[2]


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"{name}.yaml").read_text(encoding="utf-8"))


METADATA, CONFIG, ACTION_FILE, BUILD = (read(name) for name in ("metadata", "config", "actions", "charmcraft"))
ENDPOINTS = {
    name: endpoint for role in ("requires", "provides", "peers") for name, endpoint in METADATA.get(role, {}).items()
}


def test_what_the_charm_is_stands_in_one_file() -> None:
    assert {"name", "summary", "description"} <= set(METADATA)
    repeated = set(METADATA) | {"actions", "config"}
    assert not set(BUILD) & (repeated - {"type"})


def test_names() -> None:
    assert METADATA["name"] == "kratos"
    assert set(METADATA["containers"]) == {"kratos"}


def test_the_storage_is_mounted_where_the_server_keeps_its_database() -> None:
    (mount,) = METADATA["containers"]["kratos"]["mounts"]
    assert mount == {"storage": "data", "location": contract.DATA_FOLDER}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_says_whether_it_is_optional(name: str) -> None:
    assert isinstance(ENDPOINTS[name].get("optional"), bool)


@pytest.mark.parametrize("name", ACTION_FILE)
def test_an_action_takes_what_it_declares_and_nothing_else(name: str) -> None:
    action = ACTION_FILE[name]
    assert action["additionalProperties"] is False
    fields = {field.replace("_", "-") for field in ACTIONS[name].params.model_fields}
    assert fields == set(action.get("params", {}))
    required = {
        field.replace("_", "-") for field, info in ACTIONS[name].params.model_fields.items() if info.is_required()
    }
    assert required == set(action.get("required", []))


def test_every_action_has_code_and_every_code_an_action() -> None:
    assert set(ACTIONS) == set(ACTION_FILE)


def test_every_option_is_typed_and_has_the_same_default() -> None:
    options = CONFIG["options"]
    assert set(options) == set(Options.model_fields)
    for name, option in options.items():
        default = Options.model_fields[name].default
        assert (option.get("default") or type(default)()) == default, name


@pytest.mark.parametrize("name", [*ACTION_FILE, *CONFIG["options"], *ENDPOINTS])
def test_everything_is_described(name: str) -> None:
    described = ACTION_FILE.get(name) or CONFIG["options"].get(name) or ENDPOINTS[name]
    assert described.get("description") or name == "kratos-peers"
    for param in described.get("params", {}).values():
        assert param["description"] and param["type"]
