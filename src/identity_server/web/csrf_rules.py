"""Public paths that the anti-forgery cookie does not stand around: they guard themselves, or have nothing to guard."""

_FLOWS = ("login", "registration", "settings", "recovery", "verification")
_EXACT = {
    "/sessions/whoami",
    "/sessions",
    "/health/alive",
    "/health/ready",
    "/sessions/token-exchange",
    "/self-service/logout/api",
    "/.well-known/ory/webauthn.js",
    *(f"/self-service/{flow}" for flow in _FLOWS),
    *(f"/self-service/{flow}/api" for flow in _FLOWS),
}
_PREFIXES = ("/self-service/methods/", "/sessions/")


def is_exempt(path: str) -> bool:
    """Whether a path neither sets nor checks the cookie."""
    return path in _EXACT or path.startswith(_PREFIXES)
