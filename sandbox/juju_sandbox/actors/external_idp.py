"""kratos-external-idp-integrator: one external identity provider, in the present dialect of `external_provider`."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from juju_sandbox.actors.actor import Actor, provides
from juju_sandbox.failures import SandboxError
from juju_sandbox.store import Row

WITH_ISSUER = ("generic", "auth0")
#: Passes on the name and address that most providers give.
MAPPER = """local claims = std.extVar('claims');
{identity: {traits: {[if 'email' in claims then 'email']: claims.email}}}
"""


class ExternalIdp(Actor):
    charm: ClassVar[str] = "kratos-external-idp-integrator"
    summary: ClassVar[str] = "an external identity provider, described by its options"
    endpoints = provides(("kratos-external-idp", "external_provider"))
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        key: {"type": "string"}
        for key in (
            *(
                "provider",
                "client_id",
                "client_secret",
                "issuer_url",
                "scope",
                "provider_id",
                "label",
                "jsonnet_mapper",
            ),
            *("microsoft_tenant_id", "apple_team_id", "apple_private_key_id", "apple_private_key"),
        )
    }
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "get-redirect-uri": {"description": "Shows the address to register with the provider."}
    }

    def settle(self) -> tuple[str, str]:
        missing = self._missing()
        if missing:
            for row in self.relations():
                self.publish(row, {})
            return "blocked", f"Missing configuration: {', '.join(missing)}"
        super().settle()
        return "active", ""

    def _missing(self) -> list[str]:
        needed = ["provider", "client_id"]
        kind = self.config.get("provider", "")
        needed += (
            ["apple_team_id", "apple_private_key_id", "apple_private_key"] if kind == "apple" else ["client_secret"]
        )
        needed += ["issuer_url"] if kind in WITH_ISSUER else []
        needed += ["microsoft_tenant_id"] if kind == "microsoft" else []
        return [key for key in needed if not self.config.get(key)]

    def settle_relation(self, row: Row) -> None:
        self.publish(row, {"providers": json.dumps([self._provider()])})

    def _provider(self) -> dict[str, Any]:
        config = self.config
        kind = config["provider"]
        mapper = config.get("jsonnet_mapper") or MAPPER
        distinct = [config["client_id"], config.get("issuer_url") or config.get("microsoft_tenant_id")]
        digest = hashlib.sha1("_".join(part for part in distinct if part).encode(), usedforsecurity=False).hexdigest()
        body: dict[str, Any] = {
            "provider": kind,
            "client_id": config["client_id"],
            "scope": config.get("scope") or ("user:email" if kind == "github" else "profile email address phone"),
            "id": config.get("provider_id") or f"{kind}_{digest}",
            "label": config.get("label") or kind,
            "jsonnet_mapper": config.get("jsonnet_mapper"),
            "mapper_url": f"base64://{base64.b64encode(mapper.encode()).decode()}",
        }
        names = {"microsoft_tenant_id": "microsoft_tenant"}
        given = ("client_secret", "issuer_url", "microsoft_tenant_id")
        given += ("apple_team_id", "apple_private_key_id", "apple_private_key")
        return body | {names.get(key, key): config[key] for key in given if config.get(key)}

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        for row in self.relations():
            answers = json.loads(self.remote_bag(row).get("providers") or "[]")
            if answers:
                return {"redirect-uri": answers[0]["redirect_uri"]}
        raise SandboxError("no redirect_uri found")
