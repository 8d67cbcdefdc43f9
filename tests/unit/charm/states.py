"""States of a unit to start a test from."""

import json
from pathlib import Path
from typing import Any

import yaml
from ops import pebble, testing

from identity_server import contract

VERSION = "v26.2.0"
EMAIL = Path(__file__).parent / "verification-email.gotmpl"
MODEL_UUID = "6b5e2f10-4c5d-4f3a-9a53-0d5d3b6a7c11"
KINDS = ("cookie", "cipher", "default", "pagination")
KEYS = {
    **{kind: json.dumps([f"{kind}-key-1".ljust(32, ".")]) for kind in KINDS},
    "admin": '"admin-key-of-the-charm-itself-0001"',
    "incoming": "[]",
    "revision": "1",
}


def holds(tables: str = "none", pending: int = 0, set_aside: str = "none") -> testing.Exec:
    """A server that finds this in the database."""
    return testing.Exec(
        contract.tables_command(),
        stdout=json.dumps({"tables": tables, "pending": pending, "set_aside": set_aside}),
    )


def migrations(context: testing.Context[Any]) -> list[Any]:
    """The commands of an event that may have changed tables."""
    ran = context.exec_history.get("kratos", [])
    return [one for one in ran if "migrate" in one.command and "tables" not in one.command]


def container(contents: testing.Exec | None = None, **changes: Any) -> testing.Container:
    """The workload container, with a server that knows its version, can migrate, and finds ``contents`` to migrate."""
    execs = {
        testing.Exec(contract.version_command(), stdout=f"Version:    {VERSION}\nBuild Commit: x\n"),
        contents or holds(),
        testing.Exec(contract.migrate_command(), stdout="Applied all migrations.\n"),
        testing.Exec(contract.check_command(contract.CANDIDATE_FILE)),
    }
    return testing.Container(**{"name": "kratos", "can_connect": True, "execs": execs, **changes})


def serving(**changes: Any) -> testing.Container:
    """The container of a unit whose server runs."""
    service = {"override": "replace", "command": "kratos", "startup": "enabled"}
    checks = {name: {"override": "replace", "exec": {"command": name}} for name in ("ready", "alive")}
    layer = pebble.Layer({"services": {"kratos": service}, "checks": checks})
    return container(layers={"kratos": layer}, service_statuses={"kratos": pebble.ServiceStatus.ACTIVE}, **changes)


def keeping(folder: Path, **changes: Any) -> testing.Container:
    """A container whose ``/etc/config`` outlives one event, in a folder of the test."""
    return serving(mounts={"config": testing.Mount(location="/etc/config", source=folder)}, **changes)


def create_state(**changes: Any) -> testing.State:
    """A healthy leader on the embedded database, unless told otherwise.

    Relations and secrets are added to the healthy ones; ``keys=False`` leaves out the keys of the server.
    """
    whole: dict[str, Any] = {
        "leader": True,
        "containers": [serving()],
        "storages": [testing.Storage("data")],
        "resources": [testing.Resource(name="verification-email-template", path=EMAIL)],
        "model": testing.Model("shop", uuid=MODEL_UUID, type="kubernetes"),
        "relations": [testing.PeerRelation("kratos-peers")],
        "secrets": [testing.Secret(KEYS, label="server-secrets", owner="app")],
    }
    added = [*changes.pop("relations", [])]
    if any(one.endpoint == "kratos-peers" for one in added):
        whole["relations"] = []
    secrets = [*changes.pop("secrets", [])]
    if not changes.pop("keys", True):
        whole["secrets"] = []
    return testing.State(
        **{**whole, "relations": whole["relations"] + added, "secrets": whole["secrets"] + secrets, **changes}
    )


def configuration(context: testing.Context[Any], state: testing.State) -> dict[str, Any]:
    """The server's configuration as it lies in the container; empty when there is none."""
    path = state.get_container("kratos").get_filesystem(context) / contract.CONFIG_FILE.lstrip("/")
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def database(relation_id: int = 7007, **changes: Any) -> testing.Relation:
    """A PostgreSQL that has made a user for us; its secret is ``DATABASE_USER``."""
    bag = {"endpoints": "postgres:5432", "database": "shop_kratos", "secret-user": "secret:dbuser"}
    return testing.Relation("pg-database", id=relation_id, remote_app_data={**bag, **changes})


def smtp(**changes: str) -> testing.Relation:
    """A mail server."""
    bag = {"host": "mail", "port": "587", "user": "ann", "password": "pw", "auth_type": "plain"}
    return testing.Relation("smtp", remote_app_data={**bag, "transport_security": "starttls", **changes})


DATABASE_USER = testing.Secret({"username": "ann", "password": "pa/ss"}, id="secret:dbuser", owner=None)


def peers(migrated: str = "", relation_id: int = 7007, **changes: Any) -> testing.PeerRelation:
    """The peer relation, with the version that the database of a relation was migrated to."""
    bag = {f"tables_version_{relation_id}": json.dumps(migrated)} if migrated else {}
    return testing.PeerRelation("kratos-peers", local_app_data=bag, **changes)


PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0E=\n-----END CERTIFICATE-----"


def everything() -> list[testing.RelationBase]:
    """Every relation, each with what the other side really writes."""
    return [
        database(),
        peers(migrated=VERSION),
        smtp(),
        hydra(),
        login_ui(),
        route("public-route"),
        route("internal-route", external_host="inside.shop.test"),
        ingress(),
        provider(),
        webhook("login"),
        webhook("registration", methods='["password"]'),
        openfga(),
        certificates(),
        logging(),
        tracing(),
        testing.Relation("charm-tracing"),
        testing.Relation("kratos-info"),
        testing.Relation("metrics-endpoint"),
        testing.Relation("grafana-dashboard"),
    ]


def everybodys_secrets() -> list[testing.Secret]:
    """What the other sides of ``everything`` granted."""
    return [
        DATABASE_USER,
        testing.Secret({"auth-config-value": "hook-key"}, id="secret:hook", owner=None),
        testing.Secret({"token": "fga-token"}, id="secret:fga", owner=None),
    ]


def hydra(**changes: str) -> testing.Relation:
    bag = {"admin_endpoint": "http://hydra:4445", "public_endpoint": "http://hydra:4444"}
    return testing.Relation("hydra-endpoint-info", remote_app_data={**bag, **changes})


def login_ui(base: str = "https://shop.test", **changes: str) -> testing.Relation:
    names = {
        "consent_url": "consent",
        "error_url": "error",
        "login_url": "login",
        "oidc_error_url": "oidc_error",
        "device_verification_url": "device_code",
        "post_device_done_url": "device_complete",
        "recovery_url": "reset_email",
        "registration_url": "register",
        "settings_url": "manage_details",
        "webauthn_settings_url": "setup_passkey",
        "account_linking_settings_url": "manage_connected_accounts",
        "verification_url": "verification",
    }
    bag = {key: f"{base}/ui/{name}" for key, name in names.items()}
    return testing.Relation("ui-endpoint-info", remote_app_data={**bag, **changes})


def route(endpoint: str, **changes: str) -> testing.Relation:
    bag = {"external_host": "shop.test", "scheme": "https"}
    return testing.Relation(endpoint, remote_app_data={**bag, **changes})


def ingress(url: str = "https://shop.test/shop-kratos") -> testing.Relation:
    return testing.Relation("ingress", remote_app_data={"ingress": json.dumps({"url": url})})


def provider(**changes: Any) -> testing.Relation:
    """An integrator of the newer dialect, nulls included."""
    one = {
        "provider": "generic",
        "client_id": "client",
        "client_secret": "abc #def",
        "issuer_url": "https://idp.test",
        "scope": "profile email",
        "id": "idp",
        "label": "My: label",
        "jsonnet_mapper": None,
        "mapper_url": None,
        "microsoft_tenant": None,
    }
    return testing.Relation("kratos-external-idp", remote_app_data={"providers": json.dumps([{**one, **changes}])})


def webhook(flow: str, **changes: str) -> testing.Relation:
    bag = {
        "url": f"https://hooks.test/{flow}",
        "body": "base64://ZnVuY3Rpb24oY3R4KSBjdHg=",
        "method": "POST",
        "mode": "after",
        "methods": "[]",
        "weight": "1",
        "response_ignore": "False",
        "response_parse": "True",
        "auth_type": "api_key",
        "auth_config_name": "Authorization",
        "auth_config_in": "header",
        "auth_config_value_secret": "secret:hook",
    }
    given = {key: value for key, value in {**bag, **changes}.items() if value}
    return testing.Relation(f"kratos-{flow}-webhook", remote_app_data=given)


def openfga(**changes: str) -> testing.Relation:
    bag = {
        "grpc_api_url": "openfga:8081",
        "http_api_url": "http://openfga:8080",
        "store_id": "store",
        "token_secret_id": "secret:fga",
    }
    return testing.Relation("openfga", remote_app_data={**bag, **changes})


def certificates(*pems: str) -> testing.Relation:
    bag = {"certificates": json.dumps(list(pems or (PEM,))), "version": "1"}
    return testing.Relation("receive-ca-cert", remote_app_data=bag)


def logging(url: str = "http://loki:3100/loki/api/v1/push") -> testing.Relation:
    return testing.Relation(
        "logging", remote_app_name="loki", remote_units_data={0: {"endpoint": json.dumps({"url": url})}}
    )


def tracing(url: str = "http://tempo:4318") -> testing.Relation:
    receivers = [{"protocol": {"name": "otlp_http", "type": "http"}, "url": url}]
    return testing.Relation("tracing", remote_app_data={"receivers": json.dumps(receivers)})
