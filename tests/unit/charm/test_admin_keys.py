"""``admin_api_keys``: the operator's own keys."""

import hashlib
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import configuration, create_state

KEY = "k" * 32


def run(context: testing.Context[Any], content: dict[str, str] | None) -> testing.State:
    secrets = [] if content is None else [testing.Secret(content, id="secret:9m4e2mr0ui3e8a215n4g", owner=None)]
    return context.run(
        context.on.config_changed(),
        create_state(config={"admin_api_keys": "secret:9m4e2mr0ui3e8a215n4g"}, secrets=secrets),
    )


def test_callers_need_one_of_them(context: testing.Context[Any]) -> None:
    out = run(context, {"one": KEY, "two": KEY + "2"})
    found = configuration(context, out)["serve"]["admin"]["auth"]["keys"]
    assert [one["name"] for one in found] == ["charm", "one", "two"]
    assert found[1]["key_hash"] == hashlib.sha256(KEY.encode()).hexdigest()
    assert KEY not in str(found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "grant the secret with: juju grant-secret NAME kratos"),
        ({"one": "short"}, 'the key "one" has less than 32 characters'),
        ({"charm": KEY}, 'the name "charm" is taken'),
    ],
)
def test_keys_that_cannot_be_used(context: testing.Context[Any], content: dict[str, str] | None, said: str) -> None:
    out = run(context, content)
    assert out.unit_status == ops.BlockedStatus(f"Bad option: admin_api_keys: {said}")


def test_a_changed_secret_counts_at_once(context: testing.Context[Any]) -> None:
    secret = testing.Secret(
        {"one": KEY}, latest_content={"one": "n" * 32}, id="secret:9m4e2mr0ui3e8a215n4g", owner=None
    )
    state = create_state(config={"admin_api_keys": "secret:9m4e2mr0ui3e8a215n4g"}, secrets=[secret])
    found = configuration(context, context.run(context.on.secret_changed(secret), state))
    assert found["serve"]["admin"]["auth"]["keys"][1]["key_hash"] == hashlib.sha256(b"n" * 32).hexdigest()
