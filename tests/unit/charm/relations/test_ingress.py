import json
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import ingress, route


@pytest.mark.parametrize("event", ["relation_created", "relation_changed", "config_changed"])
def test_the_application_asks_for_an_address_of_its_public_port(run: Any, bag: Any, event: str) -> None:
    written = {
        key: json.loads(value) for key, value in bag(run(testing.Relation("ingress"), event=event), "ingress").items()
    }
    assert (written["model"], written["name"], written["port"]) == ("shop", "kratos", 4433)
    assert written["strip-prefix"] is True


@pytest.mark.parametrize("leader", [True, False])
def test_each_unit_gives_its_own_address(run: Any, leader: bool) -> None:
    (relation,) = run(testing.Relation("ingress"), leader=leader).get_relations("ingress")
    assert json.loads(relation.local_unit_data["ip"]) == "192.0.2.0"
    assert json.loads(relation.local_unit_data["host"]) == "kratos-0.kratos-endpoints.shop.svc.cluster.local"
    assert bool(relation.local_app_data) is leader


def test_the_address_is_what_the_server_calls_itself(run: Any, configured: Any) -> None:
    assert configured(run(ingress()))["serve"]["public"]["base_url"] == "https://shop.test/shop-kratos"


def test_a_route_of_our_own_goes_over_an_ingress(run: Any, configured: Any) -> None:
    config = configured(run(ingress(), route("public-route")))
    assert config["serve"]["public"]["base_url"] == "https://shop.test"


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
def test_without_an_address_the_server_has_none(run: Any, configured: Any, event: str) -> None:
    relation = ingress() if event == "relation_broken" else testing.Relation("ingress")
    assert "base_url" not in configured(run(relation, event=event))["serve"]["public"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "ingress is not JSON"),
        ('{"url": "shop.test"}', "url is not a URL for http or https"),
        ("{}", "url is not a URL for http or https"),
        ('{"url": 7}', "url is not a URL for http or https"),
    ],
)
def test_what_is_no_address_blocks(run: Any, text: str, said: str) -> None:
    out = run(testing.Relation("ingress", remote_app_data={"ingress": text}))
    assert out.unit_status == ops.BlockedStatus(f"ingress: {said}")
