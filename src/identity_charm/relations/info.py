"""``kratos-info``: what the login UI, the Admin UI and Hydra need to know of us."""

from dataclasses import dataclass

import ops

from . import bags

ENDPOINT = "kratos-info"


@dataclass(frozen=True)
class Info:
    """What is published, all at once or not at all: a browser needs the public address."""

    admin_endpoint: str
    public_endpoint: str
    external_url: str
    schemas_map: str
    providers_map: str
    mfa: bool
    sequencing: bool
    verification: bool
    features: tuple[str, ...]

    def bag(self, namespace: str) -> dict[str, str]:
        """The keys of the interface."""
        return {
            "admin_endpoint": self.admin_endpoint,
            "public_endpoint": self.public_endpoint,
            "login_browser_endpoint": f"{self.external_url}/self-service/login/browser",
            "sessions_endpoint": f"{self.public_endpoint}/sessions/whoami",
            "providers_configmap_name": self.providers_map,
            "schemas_configmap_name": self.schemas_map,
            "configmaps_namespace": namespace,
            "mfa_enabled": str(self.mfa),
            "oidc_webauthn_sequencing_enabled": str(self.sequencing),
            "verification_enabled": str(self.verification),
            "feature_flags": ",".join(self.features),
        }

    def publish(self, model: ops.Model) -> None:
        """Write it to all who ask, and withdraw it when the public address is gone."""
        bag = self.bag(model.name)
        for relation in model.relations[ENDPOINT]:
            bags.write(relation, model.app, bag if self.external_url else dict.fromkeys(bag, ""))
