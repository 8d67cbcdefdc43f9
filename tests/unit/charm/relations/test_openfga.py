from typing import Any

import ops
import pytest
from ops import testing

from identity_charm.relations.openfga import OpenFga
from unit.charm.states import openfga


@pytest.mark.parametrize("event", ["relation_created", "relation_changed", "config_changed"])
def test_the_admin_uis_store_is_asked_for(run: Any, bag: Any, event: str) -> None:
    written = bag(run(testing.Relation("openfga"), event=event), "openfga")
    assert written == {"store_name": "identity-platform-admin-ui-store"}


def test_a_follower_asks_for_nothing(run: Any, bag: Any) -> None:
    assert bag(run(openfga(), leader=False), "openfga") == {}


def load(context: testing.Context[Any], relation: testing.Relation, secrets: Any = ()) -> OpenFga:
    from unit.charm.states import create_state

    with context(context.on.update_status(), create_state(relations=[relation], secrets=list(secrets))) as manager:
        return OpenFga.load(manager.charm.model)


TOKEN = testing.Secret({"token": "old"}, latest_content={"token": "new"}, id="secret:fga", owner=None)


def test_the_store_and_its_newest_token(context: testing.Context[Any]) -> None:
    found = load(context, openfga(), [TOKEN])
    assert found == OpenFga(True, "http://openfga:8080", "store", "new")
    assert found.ready


def test_a_store_without_a_token(context: testing.Context[Any]) -> None:
    assert load(context, openfga(token_secret_id="")).token == ""


@pytest.mark.parametrize("relation", [testing.Relation("openfga"), openfga(store_id="")])
def test_a_store_that_is_not_made_yet(context: testing.Context[Any], relation: testing.Relation) -> None:
    found = load(context, relation)
    assert found.related and not found.ready


def test_what_is_no_address_blocks(run: Any) -> None:
    out = run(openfga(http_api_url="openfga"))
    assert out.unit_status == ops.BlockedStatus("openfga: http_api_url is not a URL for http or https")


def test_the_token_does_not_show_in_a_repr() -> None:
    assert "topsecret" not in repr(OpenFga(True, "http://x", "s", "topsecret"))
