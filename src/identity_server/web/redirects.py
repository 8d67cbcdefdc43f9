"""Each listener sends on what belongs to the other."""

from starlette.requests import Request
from starlette.responses import Response

from identity_server.web import responses

_TO_PUBLIC_EXACT = ("/sessions/whoami",)


def _query(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""


def from_public(request: Request, path: str, admin_url: str) -> Response | None:
    """A redirect to the admin listener for its paths; None for all others."""
    parts = path.rstrip("/").split("/")
    base = "/".join(parts[:3]) if parts[1:2] == ["admin"] else "/".join(parts[:2])
    rest = len(parts) - len(base.split("/"))
    if path in ("/recovery/link", "/recovery/code") and request.method == "POST":
        return _to(request, admin_url, path)
    if base == "/admin/courier" and parts[3:4] == ["messages"] and rest <= 2:
        return _to(request, admin_url, path)
    if base not in ("/identities", "/admin/identities"):
        return None
    sessions = request.method == "DELETE" and rest == 2 and parts[-1] == "sessions"
    if rest <= 1 or sessions:
        if request.method == "PATCH" and rest == 0:
            return responses.plain("Method Not Allowed\n", 405)
        return _to(request, admin_url, path)
    return None


def _to(request: Request, admin_url: str, path: str) -> Response:
    target = path if path.startswith("/admin/") else f"/admin{path}"
    location = admin_url.rstrip("/") + target + _query(request)
    return responses.see(location, 307, page=request.method in ("GET", "HEAD"))


def from_admin(request: Request, path: str, public_url: str) -> Response | None:
    """A redirect to the public listener for its paths; None for all others."""
    is_public = (
        path.startswith(("/self-service/", "/schemas/"))
        or path in ("/schemas", *_TO_PUBLIC_EXACT)
        or (path == "/sessions" and request.method == "DELETE")
    )
    if not is_public:
        return None
    location = public_url.rstrip("/") + path + _query(request)
    return responses.see(location, 307, page=request.method in ("GET", "HEAD"))
