"""The description of the interface is that of the registered routes: all of them, and no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from identity_server import wiring
from identity_server.configuration import load
from identity_server.web.application import AdminApplication, PublicApplication, admin_routes, public_routes
from identity_server.web.openapi import admin_operations, public_operations
from identity_server.web.openapi.document import document, listeners, methods_of
from identity_server.web.runtime import Runtime
from live_server import configuration

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    folder = Path(tmp_path_factory.mktemp("openapi"))
    file = folder / "kratos.yml"
    file.write_text(yaml.safe_dump(configuration(f"sqlite://{folder}/kratos.sqlite", 4433, 4434)))
    return wiring.build_runtime(load([str(file)], {}, {}))


@pytest.fixture(scope="module")
def described(runtime: Runtime) -> dict[str, Any]:
    return document(listeners("http://admin/", admin_routes(runtime), "http://public/", public_routes(runtime)))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


@pytest.mark.parametrize(
    ("routes", "known", "where"),
    [
        (admin_routes, admin_operations.OPERATIONS, "openapi/admin_operations.py"),
        (public_routes, public_operations.OPERATIONS, "openapi/public_operations.py"),
    ],
)
def test_every_route_is_described_and_nothing_else(runtime, routes, known, where):
    registered = {(method, route.path) for route in routes(runtime) for method in methods_of(route)}
    assert registered - known.keys() == set(), f"describe them in {where}"
    assert known.keys() - registered == set(), f"take them out of {where}"


@pytest.mark.parametrize("application", [AdminApplication, PublicApplication])
def test_what_a_listener_sends_on_is_described_at_the_other(runtime, described, application):
    known = {(method, path) for method, path, _ in operations(described)}
    for path, methods in application(runtime).dispatcher.paths().items():
        for method in methods:
            method = "GET" if method == "*" else method
            plain = path if path.startswith("/admin") else f"/admin{path}"
            assert {(method, path), (method, plain), (method, path.removeprefix("/admin"))} & known, (method, path)


def test_every_path_says_which_listener_it_is_of(described):
    urls = {path: item["servers"][0]["url"] for path, item in described["paths"].items()}
    assert urls["/admin/identities"] == "http://admin"
    assert urls["/sessions/whoami"] == "http://public"


def test_operations_have_names_of_their_own(described):
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere_and_every_component_is_used(described):
    text = json.dumps(described)
    used = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert used == described["components"]["schemas"].keys()


def test_every_schema_is_one(described):
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_placeholders_of_a_path_are_its_parameters(described):
    for _, path, operation in operations(described):
        named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_no_answer_of_the_admin_listener_is_a_server_error_but_503(described):
    for _, path, operation in operations(described):
        if path.startswith("/admin"):
            assert {status for status in operation["responses"] if status >= "5"} == {"503"}
