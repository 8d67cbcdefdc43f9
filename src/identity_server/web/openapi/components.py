"""What bodies and answers look like. Answers may grow, so members that are not named here are allowed."""

from collections.abc import Iterable
from typing import Any

from identity_server.audit.events import EVENTS
from identity_server.audit.record import RESULTS
from identity_server.identity.model import CREDENTIAL_TYPES, STATES
from identity_server.identity.payload import BatchBody, Body, CreateBody, UpdateBody
from identity_server.web.openapi.operation import reference
from identity_server.web.routes_admin_sessions import ManyBody
from identity_server.web.routes_api_keys import KeyBody
from identity_server.web.routes_recovery_admin import CodeBody, LinkBody

BODIES: tuple[type[Body], ...] = (CreateBody, UpdateBody, BatchBody, ManyBody, CodeBody, LinkBody, KeyBody)
_TEXT: dict[str, Any] = {"type": "string"}
_UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_NUMBER: dict[str, Any] = {"type": "integer"}
_ANY: dict[str, Any] = {}
_OBJECT: dict[str, Any] = {"type": "object"}


def _object(required: str = "", **members: Any) -> dict[str, Any]:
    """An object; ``required`` names members."""
    found: dict[str, Any] = {"type": "object", "properties": members}
    if required:
        found["required"] = required.split()
    return found


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


_ADDRESS = {"id": _UUID, "value": _TEXT, "via": _TEXT, "created_at": _TIME, "updated_at": _TIME}

_KEY = {
    "id": _UUID,
    "name": _TEXT,
    "created_at": _TIME,
    "expires_at": _or_null(_TIME),
    "last_used_at": _or_null(_TIME),
}

ANSWERS: dict[str, dict[str, Any]] = {
    "Error": _object(
        "error",
        error=_object(
            "code status message",
            id=_TEXT,
            code=_NUMBER,
            status=_TEXT,
            message=_TEXT,
            reason=_TEXT,
            request=_TEXT,
            details=_OBJECT,
        ),
        redirect_browser_to=_TEXT,
    ),
    "Identity": _object(
        "id schema_id schema_url traits",
        id=_UUID,
        schema_id=_TEXT,
        schema_url=_TEXT,
        external_id=_TEXT,
        organization_id=_or_null(_UUID),
        state={"enum": list(STATES)},
        state_changed_at=_TIME,
        traits=_ANY,
        metadata_public=_ANY,
        metadata_admin=_ANY,
        verifiable_addresses=_list(reference("VerifiableAddress")),
        recovery_addresses=_list(reference("RecoveryAddress")),
        credentials={
            "type": "object",
            "propertyNames": {"enum": list(CREDENTIAL_TYPES)},
            "additionalProperties": reference("Credential"),
        },
        created_at=_TIME,
        updated_at=_TIME,
    ),
    "VerifiableAddress": _object(
        "value via verified status", **_ADDRESS, verified=_FLAG, status=_TEXT, verified_at=_TIME
    ),
    "RecoveryAddress": _object("value via", **_ADDRESS),
    "Credential": _object(
        "type",
        type=_TEXT,
        identifiers={"type": ["array", "null"], "items": _TEXT},
        config=_OBJECT,
        version=_NUMBER,
        created_at=_TIME,
        updated_at=_TIME,
    ),
    "Identities": _list(reference("Identity")),
    "BatchResult": _object(
        "identities",
        identities=_list(
            {"type": ["object", "null"], "properties": {"action": _TEXT, "identity": _UUID, "patch_id": _UUID}}
        ),
    ),
    "Session": _object(
        "id active",
        id=_UUID,
        active=_FLAG,
        expires_at=_TIME,
        authenticated_at=_TIME,
        issued_at=_TIME,
        authenticator_assurance_level={"type": "string", "enum": ["aal0", "aal1", "aal2", "aal3"]},
        authentication_methods=_list(_OBJECT),
        identity={"anyOf": [reference("Identity"), {"type": "null"}]},
        devices={"type": ["array", "null"], "items": _OBJECT},
        tokenized=_TEXT,
    ),
    "Sessions": _list(reference("Session")),
    "ManyResult": _object("processed more", processed=_NUMBER, more=_FLAG),
    "Count": _object("count", count=_NUMBER),
    "Exchange": _object("session_token", session_token=_TEXT, session=reference("Session")),
    "ApiKeys": _list(_object("id name created_at expires_at last_used_at", **_KEY)),
    "NewApiKey": _object("id name key created_at expires_at last_used_at", key=_TEXT, **_KEY),
    "AuditEvents": _list(
        _object(
            "id when event result actor",
            id=_UUID,
            when=_TIME,
            event={"enum": list(EVENTS)},
            result={"enum": list(RESULTS)},
            reason=_or_null(_TEXT),
            actor=_TEXT,
            identity_id=_or_null(_UUID),
            flow_id=_or_null(_UUID),
            method=_or_null(_TEXT),
            api=_TEXT,
            ip=_TEXT,
            ua=_TEXT,
            request_id=_TEXT,
        )
    ),
    "RecoveryCode": _object("recovery_link recovery_code", recovery_link=_TEXT, recovery_code=_TEXT, expires_at=_TIME),
    "RecoveryLink": _object("recovery_link", recovery_link=_TEXT, expires_at=_TIME),
    "Message": _object(
        "id status type recipient body subject template_type send_count created_at updated_at",
        id=_UUID,
        status=_TEXT,
        type=_TEXT,
        recipient=_TEXT,
        body=_TEXT,
        subject=_TEXT,
        template_type=_TEXT,
        channel=_TEXT,
        send_count=_NUMBER,
        dispatches=_list(_OBJECT),
        created_at=_TIME,
        updated_at=_TIME,
    ),
    "Messages": _list(reference("Message")),
    "Schemas": _list(_object("id schema", id=_TEXT, schema=_OBJECT)),
    "Schema": _OBJECT,
    "Status": _object("status", status={"const": "ok"}),
    "NotReady": _object("errors", errors={"type": "object", "additionalProperties": _TEXT}),
    "Version": _object("version", version=_TEXT),
    "Flow": _object(
        "id type ui",
        id=_UUID,
        type={"enum": ["browser", "api"]},
        expires_at=_TIME,
        issued_at=_TIME,
        request_url=_TEXT,
        state=_ANY,
        ui=_object("action method nodes", action=_TEXT, method=_TEXT, nodes=_or_null(_list(_OBJECT)), messages=_ANY),
    ),
    "FlowDone": _OBJECT,
    "Logout": _object("logout_url logout_token", logout_url=_TEXT, logout_token=_TEXT),
    "ErrorPage": _object("id", id=_TEXT, error=_ANY, created_at=_TIME, updated_at=_TIME),
    "Patch": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["op", "path"],
            "properties": {
                "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
                "path": _TEXT,
                "from": _TEXT,
                "value": _ANY,
            },
        },
    },
    "Submission": _object(method=_TEXT, csrf_token=_TEXT),
    "NativeLogout": _object("session_token", session_token=_TEXT),
    "Document": _OBJECT,
}


def components(bodies: Iterable[type[Body]] = BODIES) -> dict[str, Any]:
    """All of them by name."""
    found = dict(ANSWERS)
    for model in bodies:
        shown = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= shown.pop("$defs", {})
        found[model.__name__] = shown
    return found
