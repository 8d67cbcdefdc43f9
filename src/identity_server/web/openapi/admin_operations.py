"""The operations of the admin listener."""

from identity_server.audit.events import EVENTS
from identity_server.audit.record import RESULTS
from identity_server.courier.message import STATUSES
from identity_server.identity.model import CREDENTIAL_TYPES
from identity_server.identity.payload import BatchBody, CreateBody, UpdateBody
from identity_server.web.openapi.operation import Operation, Parameter
from identity_server.web.routes_admin_sessions import EXPANSIONS, ManyBody
from identity_server.web.routes_api_keys import KeyBody
from identity_server.web.routes_audit import KINDS_OF_ACTORS
from identity_server.web.routes_audit import MOST as AUDIT_MOST
from identity_server.web.routes_recovery_admin import CodeBody, LinkBody

Key = tuple[str, str]
_TEXT = {"type": "string"}
_UUID = {"type": "string", "format": "uuid"}
_TIME = {"type": "string", "format": "date-time"}
_ID = Parameter("id", _UUID, "path")
_INCLUDE = Parameter(
    "include_credential", {"type": "array", "items": {"enum": list(CREDENTIAL_TYPES)}}, about="Show their contents."
)
_EXPAND = Parameter("expand", {"type": "array", "items": {"enum": list(EXPANSIONS)}})
_ACTIVE = Parameter("active", {"type": "boolean"})


def paged(most: int, *, by_number: bool = True) -> tuple[Parameter, ...]:
    """The parameters of lists."""
    found = [
        Parameter("page_size", {"type": "integer", "minimum": 1, "maximum": most}),
        Parameter("page_token", _TEXT, about="Out of the header Link."),
    ]
    if by_number:
        found += [
            Parameter("per_page", {"type": "integer", "minimum": 1, "maximum": most}, about="The older way."),
            Parameter("page", {"type": "integer", "minimum": 0}, about="The older way."),
        ]
    return tuple(found)


_IDENTITIES = {
    ("GET", "/admin/identities"): Operation(
        "listIdentities",
        "A page of identities.",
        "identity",
        {200: "Identities", 400: "Error"},
        (
            *paged(500),
            Parameter("ids", {"type": "array", "items": _UUID, "maxItems": 500}),
            Parameter("credentials_identifier", _TEXT),
            Parameter("preview_credentials_identifier_similar", _TEXT),
            Parameter("organization_id", _UUID),
            Parameter("consistency", {"enum": ["", "strong", "eventual"]}),
            _INCLUDE,
        ),
    ),
    ("POST", "/admin/identities"): Operation(
        "createIdentity",
        "Creates an identity.",
        "identity",
        {201: "Identity", 400: "Error", 409: "Error", 413: "Error"},
        body=CreateBody,
    ),
    ("PATCH", "/admin/identities"): Operation(
        "batchPatchIdentities",
        "Creates up to 1 000 identities; each succeeds or fails by itself.",
        "identity",
        {200: "BatchResult", 400: "Error", 409: "Error", 413: "Error"},
        body=BatchBody,
    ),
    ("GET", "/admin/identities/{id}"): Operation(
        "getIdentity",
        "An identity.",
        "identity",
        {200: "Identity", 400: "Error", 404: "Error"},
        (_ID, _INCLUDE),
    ),
    ("GET", "/admin/identities/by/external/{external_id}"): Operation(
        "getIdentityByExternalID",
        "An identity by the id that an outside system gave it.",
        "identity",
        {200: "Identity", 400: "Error", 404: "Error"},
        (_INCLUDE,),
    ),
    ("PUT", "/admin/identities/{id}"): Operation(
        "updateIdentity",
        "Replaces an identity; credentials that are not named stay.",
        "identity",
        {200: "Identity", 400: "Error", 404: "Error", 409: "Error", 413: "Error"},
        (_ID,),
        UpdateBody,
    ),
    ("PATCH", "/admin/identities/{id}"): Operation(
        "patchIdentity",
        "Changes an identity with a JSON patch.",
        "identity",
        {200: "Identity", 400: "Error", 404: "Error", 409: "Error", 413: "Error"},
        (_ID,),
        "Patch",
    ),
    ("DELETE", "/admin/identities/{id}"): Operation(
        "deleteIdentity",
        "Removes an identity and all that belongs to it.",
        "identity",
        {204: "", 404: "Error"},
        (_ID,),
    ),
    ("DELETE", "/admin/identities/{id}/credentials/{type}"): Operation(
        "deleteIdentityCredentials",
        "Removes a credential.",
        "identity",
        {204: "", 400: "Error", 404: "Error", 409: "Error"},
        (_ID, Parameter("type", {"enum": list(CREDENTIAL_TYPES)}, "path"), Parameter("identifier", _TEXT)),
    ),
}
_SESSIONS = {
    ("GET", "/admin/sessions"): Operation(
        "listSessions",
        "A page of sessions, the newest first.",
        "identity",
        {200: "Sessions", 400: "Error"},
        (*paged(1000, by_number=False), _ACTIVE, _EXPAND),
    ),
    ("POST", "/admin/sessions"): Operation(
        "manageSessions",
        "Ends many sessions.",
        "identity",
        {200: "ManyResult", 400: "Error", 413: "Error"},
        body=ManyBody,
    ),
    ("GET", "/admin/sessions/{id}"): Operation(
        "getSession", "A session.", "identity", {200: "Session", 400: "Error", 404: "Error"}, (_ID, _EXPAND)
    ),
    ("DELETE", "/admin/sessions/{id}"): Operation(
        "disableSession", "Ends a session.", "identity", {204: "", 400: "Error", 404: "Error"}, (_ID,)
    ),
    ("PATCH", "/admin/sessions/{id}/extend"): Operation(
        "extendSession",
        "Moves the end of a session.",
        "identity",
        {200: "Session", 204: "", 400: "Error", 404: "Error"},
        (_ID,),
    ),
    ("GET", "/admin/identities/{id}/sessions"): Operation(
        "listIdentitySessions",
        "An identity's sessions.",
        "identity",
        {200: "Sessions", 400: "Error", 404: "Error"},
        (_ID, *paged(1000), _ACTIVE),
    ),
    ("DELETE", "/admin/identities/{id}/sessions"): Operation(
        "deleteIdentitySessions",
        "Removes an identity's sessions.",
        "identity",
        {204: "", 400: "Error", 404: "Error"},
        (_ID,),
    ),
}
_KEY_ANSWERS = {400: "Error", 404: "Error"}
_API_KEYS = {
    ("GET", "/admin/identities/{id}/api_keys"): Operation(
        "listIdentityApiKeys",
        "The API keys of a machine identity, without their secrets; while selfservice.methods.api_key is enabled.",
        "identity",
        {200: "ApiKeys", 404: "Error"},
        (_ID,),
    ),
    ("POST", "/admin/identities/{id}/api_keys"): Operation(
        "createIdentityApiKey",
        "Makes an API key for a machine identity; the answer has it, this once.",
        "identity",
        {201: "NewApiKey", **_KEY_ANSWERS, 413: "Error"},
        (_ID,),
        KeyBody,
    ),
    ("DELETE", "/admin/identities/{id}/api_keys/{key_id}"): Operation(
        "revokeIdentityApiKey",
        "Takes an API key away.",
        "identity",
        {204: "", 404: "Error"},
        (_ID, Parameter("key_id", _UUID, "path")),
    ),
}
_AUDIT = {
    ("GET", "/admin/audit"): Operation(
        "listAuditEvents",
        "A page of the audit trail, the newest entry first; while audit is enabled.",
        "audit",
        {200: "AuditEvents", **_KEY_ANSWERS},
        (
            *paged(AUDIT_MOST, by_number=False),
            Parameter("identity_id", _UUID, about="To whom it was done."),
            Parameter("event", {"enum": list(EVENTS)}),
            Parameter("actor", _TEXT, about=f"Who did it: {', '.join(KINDS_OF_ACTORS)}."),
            Parameter("result", {"enum": list(RESULTS)}),
            Parameter("since", _TIME, about="Not before this."),
            Parameter("until", _TIME, about="Only before this."),
        ),
    ),
}
_REST = {
    ("POST", "/admin/recovery/code"): Operation(
        "createRecoveryCodeForIdentity",
        "Makes a code with which an account can be recovered.",
        "identity",
        {201: "RecoveryCode", 400: "Error", 404: "Error", 413: "Error"},
        body=CodeBody,
    ),
    ("POST", "/admin/recovery/link"): Operation(
        "createRecoveryLinkForIdentity",
        "Makes a link with which an account can be recovered.",
        "identity",
        {200: "RecoveryLink", 400: "Error", 404: "Error", 413: "Error"},
        (Parameter("return_to", _TEXT),),
        LinkBody,
    ),
    ("GET", "/admin/courier/messages"): Operation(
        "listCourierMessages",
        "A page of messages, the newest first.",
        "courier",
        {200: "Messages", 400: "Error"},
        (
            *paged(500, by_number=False),
            Parameter("status", {"enum": list(STATUSES)}),
            Parameter("recipient", _TEXT),
        ),
    ),
    ("GET", "/admin/courier/messages/{id}"): Operation(
        "getCourierMessage",
        "A message with its attempts.",
        "courier",
        {200: "Message", 400: "Error", 404: "Error"},
        (_ID,),
    ),
    ("GET", "/admin/health/alive"): Operation("isAlive", "Whether the process answers.", "metadata", {200: "Status"}),
    ("GET", "/admin/health/ready"): Operation(
        "isReady", "Whether the server can do its work.", "metadata", {200: "Status", 503: "NotReady"}
    ),
    ("GET", "/admin/health/config"): Operation(
        "getConfigFingerprint", "What tells two configurations apart.", "metadata", {200: "text"}
    ),
    ("GET", "/admin/version"): Operation("getVersion", "The server's version.", "metadata", {200: "Version"}),
    ("GET", "/admin/metrics/prometheus"): Operation("getMetrics", "What was counted.", "metadata", {200: "text"}),
    ("GET", "/admin/openapi.json"): Operation("getOpenApi", "This document.", "metadata", {200: "Document"}),
}

OPERATIONS: dict[Key, Operation] = {**_IDENTITIES, **_SESSIONS, **_API_KEYS, **_AUDIT, **_REST}
