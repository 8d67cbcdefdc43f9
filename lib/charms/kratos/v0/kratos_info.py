"""What an identity server tells its neighbours: where its APIs are, and which of its features are on.

For charms that require the interface ``kratos_info``. In ``metadata.yaml``::

    requires:
      kratos-info:
        interface: kratos_info
        optional: true
        limit: 1

In the charm::

    from charms.kratos.v0.kratos_info import KratosInfoRequirer

    class MyCharm(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            self._kratos = KratosInfoRequirer(self)
            framework.observe(self.on["kratos-info"].relation_changed, self._on_changed)
            framework.observe(self.on["kratos-info"].relation_broken, self._on_changed)

        def _on_changed(self, event):
            info = self._kratos.get()
            if info is None:
                ...  # not related, or the server has no public address yet
            else:
                self._configure(info.admin_endpoint, info.login_browser_endpoint)

The library emits no events and sets no status: ask it at whatever event you reconcile.
"""

from dataclasses import dataclass

import ops

LIBID = "5f0a6ad2c0e84d6f8b1f2b1f6a3f6a10"
LIBAPI = 0
LIBPATCH = 1

RELATION_NAME = "kratos-info"


@dataclass(frozen=True)
class KratosInfo:
    """An identity server.

    Attributes:
        admin_endpoint: the admin API, without ``/admin``.
        public_endpoint: the public API, as other applications of the cloud reach it.
        login_browser_endpoint: where a browser starts to sign in; a public address.
        sessions_endpoint: where a session is checked (``/sessions/whoami``).
        providers_configmap_name: the ConfigMap with identity providers that may be edited.
        schemas_configmap_name: the ConfigMap with identity schemas that may be edited.
        configmaps_namespace: the namespace of both.
        mfa_enabled: whether people are asked for a second factor.
        oidc_webauthn_sequencing_enabled: whether a security key is asked for after another provider's sign-in.
        verification_enabled: whether people verify their e-mail address.
        feature_flags: ``password``, ``webauthn``, ``totp``, ``backup_codes``, ``account_linking``, those that are on.
    """

    admin_endpoint: str
    public_endpoint: str
    login_browser_endpoint: str
    sessions_endpoint: str
    providers_configmap_name: str = ""
    schemas_configmap_name: str = ""
    configmaps_namespace: str = ""
    mfa_enabled: bool = False
    oidc_webauthn_sequencing_enabled: bool = False
    verification_enabled: bool = False
    feature_flags: tuple[str, ...] = ()


class KratosInfoRequirer:
    """Reads the relation.

    Args:
        charm: whose relation it is.
        relation_name: the name of the endpoint in ``metadata.yaml``.
    """

    def __init__(self, charm: ops.CharmBase, relation_name: str = RELATION_NAME) -> None:
        self._charm = charm
        self._relation_name = relation_name

    def get(self) -> KratosInfo | None:
        """The server, or nothing while it has not told all of its addresses."""
        for relation in self._charm.model.relations[self._relation_name]:
            bag = relation.data[relation.app] if relation.app else {}
            info = KratosInfo(
                admin_endpoint=bag.get("admin_endpoint", ""),
                public_endpoint=bag.get("public_endpoint", ""),
                login_browser_endpoint=bag.get("login_browser_endpoint", ""),
                sessions_endpoint=bag.get("sessions_endpoint", ""),
                providers_configmap_name=bag.get("providers_configmap_name", ""),
                schemas_configmap_name=bag.get("schemas_configmap_name", ""),
                configmaps_namespace=bag.get("configmaps_namespace", ""),
                mfa_enabled=bag.get("mfa_enabled") == "True",
                oidc_webauthn_sequencing_enabled=bag.get("oidc_webauthn_sequencing_enabled") == "True",
                verification_enabled=bag.get("verification_enabled") == "True",
                feature_flags=tuple(flag for flag in bag.get("feature_flags", "").split(",") if flag),
            )
            needed = (info.admin_endpoint, info.public_endpoint, info.login_browser_endpoint, info.sessions_endpoint)
            if all(needed):
                return info
        return None
