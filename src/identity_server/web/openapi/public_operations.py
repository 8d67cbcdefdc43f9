"""The operations of the public listener."""

from collections.abc import Mapping

from identity_server.web.openapi.admin_operations import Key, paged
from identity_server.web.openapi.operation import Operation, Parameter

_TEXT = {"type": "string"}
_UUID = {"type": "string", "format": "uuid"}
_TOKEN = Parameter("X-Session-Token", _TEXT, "header")
_FLOW = Parameter("flow", _TEXT, required=True)
_RETURN_TO = Parameter("return_to", _TEXT)
#: What the anti-forgery check, a missing session and another level of assurance answer.
_GUARDED = {400: "Error", 401: "Error", 403: "Error"}
#: Browsers are sent on, to a page or to where they came from.
_AWAY = {302: "", 303: ""}
#: Kratos' answer to a challenge of an OAuth2 server when none is configured.
_CHALLENGED = {"login": {500: "Error"}, "registration": {500: "Error"}}
_FLOWS: Mapping[str, str] = {
    "login": "Login",
    "registration": "Registration",
    "settings": "Settings",
    "recovery": "Recovery",
    "verification": "Verification",
}
_LOGIN = (
    _RETURN_TO,
    Parameter("refresh", {"type": "boolean"}),
    Parameter("aal", {"enum": ["", "aal1", "aal2"]}),
    Parameter("via", _TEXT),
)
_STARTS: Mapping[str, tuple[Parameter, ...]] = {
    "login": (*_LOGIN, Parameter("login_challenge", _TEXT), Parameter("organization", _TEXT)),
    "registration": (_RETURN_TO, Parameter("login_challenge", _TEXT), Parameter("organization", _TEXT)),
    "settings": (_RETURN_TO, _TOKEN),
    "recovery": (_RETURN_TO,),
    "verification": (_RETURN_TO,),
}


def _flows() -> dict[Key, Operation]:
    found: dict[Key, Operation] = {}
    for name, title in _FLOWS.items():
        base = f"/self-service/{name}"
        started = {200: "Flow", **_AWAY, **_GUARDED, 404: "Error", 422: "Error", **_CHALLENGED.get(name, {})}
        found["GET", f"{base}/browser"] = Operation(
            f"createBrowser{title}Flow", f"Starts {name} in a browser.", "frontend", started, _STARTS[name]
        )
        native = {200: "Flow", **_GUARDED, 404: "Error", **_CHALLENGED.get(name, {})}
        found["GET", f"{base}/api"] = Operation(
            f"createNative{title}Flow", f"Starts {name} in an app.", "frontend", native, _STARTS[name]
        )
        found["GET", f"{base}/flows"] = Operation(
            f"get{title}Flow",
            f"A flow of {name}.",
            "frontend",
            {200: "Flow", **_GUARDED, 404: "Error", 410: "Error"},
            (Parameter("id", _TEXT, required=True),),
        )
        submitted = {
            200: "FlowDone",
            **_AWAY,
            **_GUARDED,
            400: "Flow Error",
            404: "Error",
            410: "Error",
            413: "Error",
            422: "Error Flow",
            429: "Error",
        }
        operation = Operation(
            f"update{title}Flow", f"Submits {name}.", "frontend", submitted, (_FLOW, _TOKEN), "Submission", forms=True
        )
        found["POST", base] = operation
        found["GET", base] = Operation(
            f"follow{title}Flow", f"A link into {name}.", "frontend", submitted, (_FLOW, Parameter("token", _TEXT))
        )
    return found


_SESSIONS = {
    ("GET", "/sessions/whoami"): Operation(
        "toSession",
        "The session of the caller.",
        "frontend",
        {200: "Session", **_GUARDED, 404: "Error"},
        (_TOKEN, Parameter("tokenize_as", _TEXT)),
    ),
    ("GET", "/sessions/token-exchange"): Operation(
        "exchangeSessionToken",
        "Trades two codes for a session token.",
        "frontend",
        {200: "Exchange", 400: "Error", 403: "Error", 404: "Error", 410: "Error", 422: "Flow Error"},
        (Parameter("init_code", _TEXT, required=True), Parameter("return_to_code", _TEXT, required=True)),
    ),
    ("GET", "/sessions"): Operation(
        "listMySessions",
        "The caller's other sessions.",
        "frontend",
        {200: "Sessions", **_GUARDED},
        (_TOKEN, *paged(1000)),
    ),
    ("DELETE", "/sessions"): Operation(
        "disableMyOtherSessions", "Ends the caller's other sessions.", "frontend", {200: "Count", **_GUARDED}, (_TOKEN,)
    ),
    ("DELETE", "/sessions/{id}"): Operation(
        "disableMySession",
        "Ends one of the caller's sessions.",
        "frontend",
        {204: "", **_GUARDED, 404: "Error"},
        (_TOKEN, Parameter("id", _UUID, "path")),
    ),
}
_LOGOUT = {
    ("GET", "/self-service/logout/browser"): Operation(
        "createBrowserLogoutFlow",
        "A link that signs out.",
        "frontend",
        {200: "Logout", **_AWAY, **_GUARDED},
        (_RETURN_TO,),
    ),
    ("GET", "/self-service/logout"): Operation(
        "updateLogoutFlow",
        "Signs out.",
        "frontend",
        {204: "", **_AWAY, **_GUARDED},
        (Parameter("token", _TEXT), _RETURN_TO),
    ),
    ("DELETE", "/self-service/logout/api"): Operation(
        "performNativeLogout",
        "Ends the session of a token.",
        "frontend",
        {204: "", **_GUARDED, 413: "Error"},
        body="NativeLogout",
    ),
}
_CALLBACK = {
    200: "FlowDone",
    **_AWAY,
    **_GUARDED,
    404: "Error",
    410: "Error",
    413: "Error",
    422: "Error Flow",
}
_BASE = "/self-service/methods"
_PROVIDERS = {
    ("GET", f"{_BASE}/oidc/callback"): Operation("oidcCallback", "Back from any provider.", "frontend", _CALLBACK),
    ("POST", f"{_BASE}/oidc/callback"): Operation("oidcCallbackPost", "The same by a form.", "frontend", _CALLBACK),
    ("GET", f"{_BASE}/oidc/callback/{{provider}}"): Operation(
        "oidcProviderCallback", "Back from a provider.", "frontend", _CALLBACK
    ),
    ("POST", f"{_BASE}/oidc/callback/{{provider}}"): Operation(
        "oidcProviderCallbackPost", "The same by a form.", "frontend", _CALLBACK
    ),
    ("GET", f"{_BASE}/saml/callback/{{provider}}"): Operation(
        "samlCallback", "Back from a SAML provider.", "frontend", _CALLBACK
    ),
}


def _schemas() -> dict[Key, Operation]:
    found: dict[Key, Operation] = {}
    for prefix, ending in (("", ""), ("/admin", "Admin")):
        found["GET", f"{prefix}/schemas"] = Operation(
            f"listIdentitySchemas{ending}", "Identity schemas.", "identity", {200: "Schemas", 400: "Error"}, paged(1000)
        )
        found["GET", f"{prefix}/schemas/{{id}}"] = Operation(
            f"getIdentitySchema{ending}", "An identity schema.", "identity", {200: "Schema", 404: "Error"}
        )
    return found


def _pages() -> dict[Key, Operation]:
    found: dict[Key, Operation] = {}
    shown = {200: "html", **_AWAY, 400: "html Error", 403: "html Error", 404: "html Error", 410: "html Error"}
    for name in _FLOWS:
        parameters = (Parameter("flow", _TEXT),)
        found["GET", f"/ui/{name}"] = Operation(f"{name}Page", f"The page of {name}.", "pages", shown, parameters)
    found["GET", "/ui/error"] = Operation(
        "errorPage", "The page of an error.", "pages", shown, (Parameter("id", _TEXT),)
    )
    found["GET", "/ui"] = Operation("homePage", "The page of an account.", "pages", shown)
    found["GET", "/ui/"] = Operation("homePageToo", "The same.", "pages", shown)
    found["POST", "/ui/sessions/revoke"] = Operation(
        "revokeOnPage",
        "Ends a session from the page of an account.",
        "pages",
        {303: "", **_GUARDED, 404: "Error", 413: "Error"},
    )
    found["GET", "/ui/assets/brand.css"] = Operation("brand", "The colours of this site.", "pages", {200: "style"})
    found["GET", "/ui/assets/{name}"] = Operation(
        "asset", "Style and script.", "pages", {200: "style script", 404: "Error"}
    )
    return found


_REST = {
    ("GET", "/self-service/errors"): Operation(
        "getFlowError",
        "An error that somebody was sent to.",
        "frontend",
        {200: "ErrorPage", 400: "Error", 403: "Error", 404: "Error"},
        (Parameter("id", _TEXT, required=True),),
    ),
    ("GET", "/.well-known/change-password"): Operation(
        "changePassword", "Leads to where a password is changed.", "frontend", {303: ""}
    ),
    ("GET", "/.well-known/ory/webauthn.js"): Operation(
        "getWebAuthnJavaScript", "The script of security keys.", "frontend", {200: "script"}
    ),
    ("GET", "/health/alive"): Operation("isAlivePublic", "Whether the process answers.", "metadata", {200: "Status"}),
    ("GET", "/health/ready"): Operation(
        "isReadyPublic", "Whether the server can do its work.", "metadata", {200: "Status", 503: "NotReady"}
    ),
}

OPERATIONS: dict[Key, Operation] = {
    **_SESSIONS,
    **_flows(),
    **_LOGOUT,
    **_PROVIDERS,
    **_schemas(),
    **_pages(),
    **_REST,
}
