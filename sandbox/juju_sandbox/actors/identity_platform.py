"""The neighbours in the Identity Platform: Hydra, the login UI, the Admin UI."""

from collections.abc import Mapping
from typing import Any, ClassVar

from juju_sandbox.actors.actor import Actor, provides, requires
from juju_sandbox.actors.openfga_model import ADMIN_UI_STORE
from juju_sandbox.store import Row

PAGES = {
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


class Hydra(Actor):
    charm: ClassVar[str] = "hydra"
    summary: ClassVar[str] = "addresses of an OAuth2 server; none runs"
    endpoints = provides(("hydra-endpoint-info", "hydra_endpoints"), ("oauth", "oauth")) | requires(
        ("ui-endpoint-info", "login_ui_endpoints"),
        ("pg-database", "postgresql_client"),
        ("public-route", "traefik_route"),
    )
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "admin_url": {"type": "string", "default": "http://hydra.sandbox.svc.cluster.local:4445"},
        "public_url": {"type": "string", "default": "http://hydra.sandbox.svc.cluster.local:4444"},
    }

    def settle_relation(self, row: Row) -> None:
        if row["name"] == "hydra-endpoint-info":
            config = self.config
            self.write(row, {"admin_endpoint": config["admin_url"], "public_endpoint": config["public_url"]})


class LoginUi(Actor):
    charm: ClassVar[str] = "identity-platform-login-ui-operator"
    summary: ClassVar[str] = "addresses of the login pages; none are served"
    endpoints = provides(("ui-endpoint-info", "login_ui_endpoints")) | requires(
        ("kratos-info", "kratos_info"),
        ("hydra-endpoint-info", "hydra_endpoints"),
        ("ingress", "ingress"),
        ("receive-ca-cert", "certificate_transfer"),
    )
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "base_url": {"type": "string", "default": "", "description": "Where the pages are; empty as without a route."}
    }

    def settle_relation(self, row: Row) -> None:
        if row["name"] == "ui-endpoint-info":
            base = self.config["base_url"].rstrip("/")
            self.write(row, {key: f"{base}/ui/{page}" for key, page in PAGES.items()})


class AdminUi(Actor):
    charm: ClassVar[str] = "identity-platform-admin-ui"
    summary: ClassVar[str] = "what the Admin UI asks of its neighbours; no page is served"
    endpoints = requires(
        ("ingress", "ingress"),
        ("kratos-info", "kratos_info"),
        ("hydra-endpoint-info", "hydra_endpoints"),
        ("oauth", "oauth"),
        ("openfga", "openfga"),
        ("receive-ca-cert", "certificate_transfer"),
        ("smtp", "smtp"),
        ("pg-database", "postgresql_client"),
    )
    #: The real charm is blocked without these.
    needed = ("pg-database", "kratos-info", "hydra-endpoint-info", "oauth", "openfga", "ingress", "smtp")

    def settle(self) -> tuple[str, str]:
        super().settle()
        missing = [name for name in self.needed if not self.relations(name)]
        if missing:
            return "blocked", f"Missing integration {missing[0]}"
        info = self.remote_bag(self.relations("kratos-info")[0])
        return ("active", "") if info.get("admin_endpoint") else ("waiting", "Waiting for the addresses of kratos")

    def settle_relation(self, row: Row) -> None:
        if row["name"] == "openfga":
            self.write(row, {"store_name": ADMIN_UI_STORE})
        elif row["name"] == "pg-database":
            self.write(row, {"database": "admin_ui", "extra-user-roles": "SUPERUSER"})
        elif row["name"] == "receive-ca-cert":
            self.write(row, {"version": "1"})
