"""States of a unit to start a test from."""

import json
from pathlib import Path
from typing import Any

import yaml
from ops import pebble, testing

from identity_server import contract

VERSION = "v26.2.0"
KINDS = ("cookie", "cipher", "default", "pagination")
KEYS = {
    **{kind: json.dumps([f"{kind}-key-1".ljust(32, ".")]) for kind in KINDS},
    "admin": '"admin-key-of-the-charm-itself-0001"',
    "incoming": "[]",
    "revision": "1",
}


def container(**changes: Any) -> testing.Container:
    """The workload container, with a server that knows its version and can migrate."""
    execs = {
        testing.Exec(contract.version_command(), stdout=f"Version:    {VERSION}\nBuild Commit: x\n"),
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
        "model": testing.Model("shop", type="kubernetes"),
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


def database(relation_id: int = 7, **changes: Any) -> testing.Relation:
    """A PostgreSQL that has made a user for us; its secret is ``DATABASE_USER``."""
    bag = {"endpoints": "postgres:5432", "database": "shop_kratos", "secret-user": "secret:dbuser"}
    return testing.Relation("pg-database", id=relation_id, remote_app_data={**bag, **changes})


def smtp(**changes: str) -> testing.Relation:
    """A mail server."""
    bag = {"host": "mail", "port": "587", "user": "ann", "password": "pw", "auth_type": "plain"}
    return testing.Relation("smtp", remote_app_data={**bag, "transport_security": "starttls", **changes})


DATABASE_USER = testing.Secret({"username": "ann", "password": "pa/ss"}, id="secret:dbuser", owner=None)


def peers(migrated: str = "", relation_id: int = 7, **changes: Any) -> testing.PeerRelation:
    """The peer relation, with the version that the database of a relation was migrated to."""
    bag = {f"migration_version_{relation_id}": json.dumps(migrated)} if migrated else {}
    return testing.PeerRelation("kratos-peers", local_app_data=bag, **changes)
