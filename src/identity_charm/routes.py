"""Which of the server's paths Traefik shows to whom."""

from collections.abc import Sequence

from identity_server import contract

from .relations.traefik_route import Rule

#: The admin API that the login UI and the Admin UI use.
ADMIN: Sequence[Rule] = (
    Rule("admin-identities", "/admin/identities", contract.ADMIN_PORT),
    Rule("admin-recovery", "/admin/recovery", contract.ADMIN_PORT),
    Rule("admin-sessions", "/admin/sessions", contract.ADMIN_PORT),
)
#: What they fetch for a person's browser.
INTERNAL: Sequence[Rule] = (
    Rule("schemas", "/schemas", contract.PUBLIC_PORT),
    Rule("self-service", "/self-service", contract.PUBLIC_PORT),
    Rule("sessions", "/sessions", contract.PUBLIC_PORT),
)

#: With a login UI, browsers need little of the server itself.
BESIDE_A_UI: Sequence[Rule] = (
    Rule(
        "webauthn-js",
        "/.well-known/webauthn.js",
        contract.PUBLIC_PORT,
        prefix=False,
        replace="/.well-known/ory/webauthn.js",
    ),
    Rule("oidc-callback", "/self-service/methods/oidc/callback", contract.PUBLIC_PORT),
    Rule("schemas", "/schemas", contract.PUBLIC_PORT),
)

#: Without one people use the server's own pages. Traefik prefers longer rules, so other applications keep their paths.
WITHOUT_A_UI: Sequence[Rule] = (*BESIDE_A_UI, Rule("public", "/", contract.PUBLIC_PORT))


def internal(*, admin: bool) -> Sequence[Rule]:
    """The paths for other applications."""
    return (*ADMIN, *INTERNAL) if admin else INTERNAL


def public(*, ui: bool) -> Sequence[Rule]:
    """The paths for everybody."""
    return BESIDE_A_UI if ui else WITHOUT_A_UI
