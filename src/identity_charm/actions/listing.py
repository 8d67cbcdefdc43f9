"""Lists: of identities, of sessions, of messages. A page at a time, each member under its id."""

from typing import Any, Literal

import pydantic

from ..values import Value
from .action import ActionContext, Results
from .selection import OneIdentity, find, shown

SESSION = ("active", "authenticator_assurance_level", "authenticated_at", "issued_at", "expires_at")
MESSAGE = ("status", "type", "recipient", "template_type", "channel", "send_count", "created_at", "updated_at")


class Page(Value):
    """Parameters that choose a page."""

    page_size: int = pydantic.Field(default=50, ge=1, le=250)
    page_token: str = ""


class SomeIdentities(Page):
    """Parameters of ``list-identities``."""

    identifier: str = ""
    similar: str = ""

    @pydantic.model_validator(mode="after")
    def _one_filter(self) -> "SomeIdentities":
        if self.identifier and self.similar:
            raise ValueError("give either identifier or similar, and only one of them")
        return self


class SomeSessions(OneIdentity):
    """Parameters of ``list-sessions``."""

    active: bool = False


class SomeMessages(Page):
    """Parameters of ``list-courier-messages``."""

    status: Literal["", "queued", "sent", "processing", "abandoned"] = ""
    recipient: str = ""


def list_identities(context: ActionContext, params: SomeIdentities) -> Results:
    """``identities`` by id, and ``next-page-token`` unless this is the last page."""
    filters = {"credentials_identifier": params.identifier, "preview_credentials_identifier_similar": params.similar}
    members, token = context.admin.page("/identities", {**filters, **page(params)})
    return {"count": len(members), "identities": {one["id"]: shown(one) for one in members}, "next-page-token": token}


def list_sessions(context: ActionContext, params: SomeSessions) -> Results:
    """``sessions`` by id, the newest 250."""
    found = find(context, params)
    query = {"active": "true" if params.active else ""}
    members, _ = context.admin.page(f"/identities/{found['id']}/sessions", query)
    return {
        "identity-id": found["id"],
        "count": len(members),
        "sessions": {one["id"]: _some(one, SESSION) | {"devices": _devices(one)} for one in members},
    }


def list_courier_messages(context: ActionContext, params: SomeMessages) -> Results:
    """``messages`` by id without their text, and ``next-page-token`` unless this is the last page."""
    query = {"status": params.status, "recipient": params.recipient, **page(params)}
    members, token = context.admin.page("/courier/messages", query)
    messages = {one["id"]: _some(one, MESSAGE) for one in members}
    return {"count": len(members), "messages": messages, "next-page-token": token}


def page(params: Page) -> dict[str, Any]:
    """The query of a page."""
    return {"page_size": params.page_size, "page_token": params.page_token}


def _some(found: dict[str, Any], keys: tuple[str, ...]) -> Results:
    return {key: found[key] for key in keys if key in found}


def _devices(session: dict[str, Any]) -> str:
    devices = session.get("devices") or []
    return "; ".join(f"{one.get('ip_address', '')} {one.get('user_agent', '')}".strip() for one in devices)
