"""Public paths that the anti-forgery cookie does not stand around: they guard themselves, or have nothing to guard."""

from urllib.parse import unquote

_FLOWS = ("login", "registration", "settings", "recovery", "verification")
_EXACT = {
    "/sessions/whoami",
    "/sessions",
    "/health/alive",
    "/health/ready",
    "/version",
    "/metrics/prometheus",
    "/identities",
    "/admin/identities",
    "/courier/messages",
    "/admin/courier/messages",
    "/sessions/token-exchange",
    "/self-service/logout/api",
    "/.well-known/ory/webauthn.js",
    "/ui/sessions/revoke",
    *(f"/self-service/{flow}" for flow in _FLOWS),
    *(f"/self-service/{flow}/api" for flow in _FLOWS),
}
_PREFIXES = ("/self-service/methods/", "/sessions/")
#: Paths of one more segment, which may be empty.
_PARENTS = ("/schemas/", "/identities/", "/admin/identities/", "/courier/messages/", "/admin/courier/messages/")


def is_exempt(path: str) -> bool:
    """Whether a path neither sets nor checks the cookie."""
    if path in _EXACT:
        return True
    if "%" in path:
        path = unquote(path)
    if path.startswith(_PREFIXES):
        return True
    if path.startswith("/identities/") and path.endswith("/sessions") and path.count("/") == 3:
        return True
    return any(path.startswith(parent) and "/" not in path[len(parent) :] for parent in _PARENTS)
