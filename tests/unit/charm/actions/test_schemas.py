import json
from typing import Any

import pytest
from ops import testing

from identity_server import contract
from unit.charm.states import VERSION, configuration, container, create_state, keeping

GOOD = json.dumps({"own": {"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}}})


def test_good_schemas(run: Any) -> None:
    assert run("validate-identity-schema", identity_schemas=GOOD) == {
        "valid": "true",
        "schemas": "admin_v0, own, social_user_v0",
        "default": "own",
    }


def test_nothing_changes(context: testing.Context[Any], tmp_path: Any) -> None:
    before = context.run(context.on.config_changed(), create_state(containers=[keeping(tmp_path)]))
    config = configuration(context, before)
    params = {"identity-schemas": GOOD}
    after = context.run(context.on.action("validate-identity-schema", params=params), before)
    assert configuration(context, after) == config
    assert sorted(path.name for path in tmp_path.rglob("*.yaml")) == ["kratos.yaml"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"identity_schemas": "{"}, "The schemas cannot be used: identity_schemas is not JSON"),
        ({"identity_schemas": '{"own": {}}'}, 'identity schema "own" needs properties.traits'),
        ({"identity_schemas": GOOD, "default_identity_schema_id": "x"}, 'the default schema "x" is none of'),
        ({"identity_schemas": ""}, "identity_schemas: "),
    ],
)
def test_bad_schemas(refusal: Any, params: dict[str, str], said: str) -> None:
    assert said in refusal("validate-identity-schema", **params)


def test_schemas_that_only_the_server_refuses(refusal: Any) -> None:
    stderr = (
        "The configuration cannot be used:\n  identity.schemas.0: a pattern is no expression (from candidate.yaml)\n"
    )
    strict = container(
        execs={
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            testing.Exec(contract.check_command(contract.CANDIDATE_FILE), return_code=1, stderr=stderr),
        }
    )
    said = refusal("validate-identity-schema", create_state(containers=[strict]), identity_schemas=GOOD)
    assert said == "The server would not start with these schemas: identity.schemas.0: a pattern is no expression"


def test_beside_other_options_that_are_bad(refusal: Any) -> None:
    state = create_state(config={"log_level": "loud"})
    assert "other options" in refusal("validate-identity-schema", state, identity_schemas=GOOD)


def test_without_a_container(refusal: Any) -> None:
    state = create_state(containers=[container(can_connect=False)])
    assert "not started" in refusal("validate-identity-schema", state, identity_schemas=GOOD)
