from typing import Any

import ops
import pytest
import yaml
from ops import testing

from unit.charm.states import login_ui, route


def routers(config: str) -> dict[str, Any]:
    return dict(yaml.safe_load(config)["http"]["routers"])


def rules(config: str) -> set[str]:
    return {router["rule"] for router in routers(config).values()}


def test_beside_a_login_ui_little_is_public(run: Any, bag: Any) -> None:
    written = bag(run(route("public-route"), login_ui()), "public-route")
    assert written["raw"] == "True"
    assert rules(written["config"]) == {
        "Host(`shop.test`) && Path(`/.well-known/webauthn.js`)",
        "Host(`shop.test`) && PathPrefix(`/self-service/methods/oidc/callback`)",
        "Host(`shop.test`) && PathPrefix(`/schemas`)",
    }


def test_without_a_login_ui_the_servers_own_pages_are_public(run: Any, bag: Any) -> None:
    assert "Host(`shop.test`) && PathPrefix(`/`)" in rules(bag(run(route("public-route")), "public-route")["config"])


def test_the_admin_api_is_never_public(run: Any, bag: Any) -> None:
    written = bag(run(route("public-route")), "public-route")["config"]
    assert "4434" not in written and "admin" not in written.replace("identity_admin", "")


def test_the_script_of_the_login_ui_is_found_where_it_looks(run: Any, bag: Any) -> None:
    http = yaml.safe_load(bag(run(route("public-route"), login_ui()), "public-route")["config"])["http"]
    (middleware,) = http["middlewares"].values()
    assert middleware == {"replacePath": {"path": "/.well-known/ory/webauthn.js"}}
    router = http["routers"]["juju-shop-kratos-webauthn-js-router"]
    assert router["middlewares"] == list(http["middlewares"])


def test_each_path_has_a_router_with_and_one_without_tls(run: Any, bag: Any) -> None:
    found = routers(bag(run(route("public-route"), login_ui()), "public-route")["config"])
    assert len(found) == 6
    plain = found["juju-shop-kratos-schemas-router"]
    assert plain["entryPoints"] == ["web"] and "tls" not in plain
    secured = found["juju-shop-kratos-schemas-router-tls"]
    assert secured["entryPoints"] == ["websecure"]
    assert secured["tls"]["domains"] == [{"main": "shop.test", "sans": ["*.shop.test"]}]


def test_inside_both_apis_are_reached(run: Any, bag: Any) -> None:
    http = yaml.safe_load(bag(run(route("internal-route")), "internal-route")["config"])["http"]
    ports = {
        router["rule"].partition("PathPrefix")[2]: http["services"][router["service"]]["loadBalancer"]["servers"]
        for router in http["routers"].values()
    }
    admin, public = ([{"url": f"http://kratos.shop.svc.cluster.local:{port}"}] for port in (4434, 4433))
    assert ports == {
        "(`/admin/identities`)": admin,
        "(`/admin/recovery`)": admin,
        "(`/admin/sessions`)": admin,
        "(`/schemas`)": public,
        "(`/self-service`)": public,
        "(`/sessions`)": public,
    }


@pytest.mark.parametrize("endpoint", ["public-route", "internal-route"])
@pytest.mark.parametrize("event", ["relation_created", "config_changed", "relation_changed"])
def test_it_is_written_at_any_occasion(run: Any, bag: Any, endpoint: str, event: str) -> None:
    assert rules(bag(run(route(endpoint), event=event), endpoint)["config"])


@pytest.mark.parametrize("endpoint", ["public-route", "internal-route"])
def test_without_a_host_nothing_is_routed(run: Any, bag: Any, endpoint: str) -> None:
    stale = testing.Relation(endpoint, local_app_data={"config": "{}"})
    assert bag(run(stale), endpoint) == {"raw": "True"}


@pytest.mark.parametrize("endpoint", ["public-route", "internal-route"])
def test_a_follower_writes_nothing(run: Any, bag: Any, endpoint: str) -> None:
    assert bag(run(route(endpoint), leader=False), endpoint) == {}


def test_the_public_address_is_what_the_server_calls_itself(run: Any, configured: Any) -> None:
    assert configured(run(route("public-route")))["serve"]["public"]["base_url"] == "https://shop.test"
    assert configured(run(route("public-route")))["selfservice"]["allowed_return_urls"] == ["https://shop.test/"]


def test_a_broken_route_takes_the_address_away(run: Any, configured: Any) -> None:
    out = run(route("public-route"), event="relation_broken")
    assert "base_url" not in configured(out)["serve"]["public"]


@pytest.mark.parametrize(
    "changes", [{"external_host": "a b"}, {"scheme": "gopher"}, {"external_host": "x`) || Host(`y"}]
)
def test_what_is_no_host_blocks(run: Any, changes: dict[str, str]) -> None:
    out = run(route("public-route", **changes))
    assert out.unit_status == ops.BlockedStatus("public-route: external_host is not a URL for http or https")


def test_a_port_is_no_part_of_the_name(run: Any, bag: Any) -> None:
    written = bag(run(route("public-route", external_host="shop.test:8443"), login_ui()), "public-route")["config"]
    assert "Host(`shop.test`)" in written and "8443" not in written


@pytest.mark.parametrize("host", ["10.0.0.1", "kratos.shop.test"])
def test_any_host(run: Any, bag: Any, host: str) -> None:
    assert f"Host(`{host}`)" in bag(run(route("public-route", external_host=host)), "public-route")["config"]
