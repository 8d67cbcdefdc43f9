"""Threats against a server that runs on what the charm wrote."""

from typing import Any

import pytest
import requests
from ops import testing

from unit.charm import states

ACCOUNT = {"username": "ann", "email": "ann@shop.test", "password": "a-long-password"}
UI = "https://login.shop.test"
HOSTILE = ["https://evil.example", "https://login.shop.test.evil.example", "http://login.shop.test", "null", "https://"]


def asked(server: Any, origin: str, method: str = "GET") -> dict[str, str]:
    """The headers of an answer that speak of other origins."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = requests.request(method, f"{server.public}/sessions/whoami", headers=headers, timeout=10)
    return {name.lower(): value for name, value in answer.headers.items() if "access-control" in name.lower()}


def test_t14_only_the_login_ui_is_answered_across_origins(serve: Any) -> None:
    server = serve(relations=[states.login_ui(UI)])
    for method in ("GET", "OPTIONS"):
        allowed = asked(server, UI, method)
        assert allowed["access-control-allow-origin"] == UI
        assert allowed["access-control-allow-credentials"] == "true"
        for origin in HOSTILE:
            assert "access-control-allow-origin" not in asked(server, origin, method), origin


def test_t14_without_a_login_ui_nobody_is(serve: Any) -> None:
    server = serve()
    for origin in (UI, *HOSTILE):
        assert asked(server, origin) == {}


def status(server: Any, key: str = "") -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return requests.get(f"{server.admin}/admin/identities", headers=headers, timeout=10).status_code


def test_t34_the_admin_api_is_closed_from_the_beginning_and_the_charm_works(serve: Any) -> None:
    server = serve(relations=[states.route("internal-route"), states.route("public-route")])
    assert status(server) == status(server, "wrong") == status(server, states.KEYS["admin"]) == 401
    assert server.run("create-admin-account", **ACCOUNT)["identity-id"]
    assert server.run("get-identity", email="ann@shop.test")["id"]


def test_t34_with_an_operators_key_nobody_else_gets_in(serve: Any) -> None:
    secret_id = "secret:9m4e2mr0ui3e8a215n4g"
    keys = testing.Secret({"backup": "k" * 40}, id=secret_id, owner=None)
    relations = [testing.Relation("kratos-info")]
    server = serve(config={"admin_api_keys": secret_id}, secrets=[keys], relations=relations)
    assert status(server) == status(server, "wrong") == 401
    assert status(server, "k" * 40) == 200
    assert server.run("create-admin-account", **ACCOUNT)["identity-id"]


def test_t34_applications_that_know_of_no_keys_get_in(serve: Any) -> None:
    server = serve(relations=[testing.Relation("kratos-info")])
    assert status(server) == 200
    assert server.run("create-admin-account", **ACCOUNT)["identity-id"]


@pytest.mark.parametrize("kind", ["api", "browser"])
def test_a_provider_opens_the_door_to_its_own_people_alone(serve: Any, kind: str) -> None:
    server = serve(relations=[states.provider(), states.route("public-route")])
    offered = requests.get(f"{server.public}/self-service/login/api", timeout=10).json()["ui"]["nodes"]
    assert "idp" in [node["attributes"].get("value") for node in offered if node["group"] == "oidc"]
    headers = {"Accept": "application/json"}
    refused = requests.get(f"{server.public}/self-service/registration/{kind}", headers=headers, timeout=10)
    assert (refused.status_code, refused.json()["error"]["id"]) == (400, "self_service_flow_disabled")


@pytest.mark.parametrize("password", ["password123", "qwertyuiop", "1234567890"])
def test_t36_a_common_password_is_refused_without_asking_anybody(serve: Any, password: str) -> None:
    server = serve(config={"enable_registration": True})
    flow = requests.get(f"{server.public}/self-service/registration/api", timeout=10).json()
    body = {"method": "password", "password": password, "traits": {"email": "eve@shop.test"}}
    answer = requests.post(
        f"{server.public}/self-service/registration", params={"flow": flow["id"]}, json=body, timeout=10
    )
    assert answer.status_code == 400
    said = str(answer.json()["ui"])
    assert "common" in said or "leak" in said or "breach" in said
