"""The audit trail, a page at a time."""

from typing import Any, Literal

import pydantic

from ..admin_client import NotFound
from .action import ActionContext, ActionError, Results
from .listing import Page, page
from .selection import NamedIdentity, OneIdentity, find

OFF = "No audit trail is kept; set the option enable_audit_trail, and what is done from then on is in it"


class SomeEntries(NamedIdentity, Page):
    """Parameters of ``list-audit``."""

    event: str = ""
    actor: str = ""
    result: Literal["", "success", "failure"] = ""
    since: str = ""
    until: str = ""

    @pydantic.model_validator(mode="after")
    def _one_identity(self) -> "SomeEntries":
        if self.identity_id and self.email:
            raise ValueError("give either identity-id or email, and only one of them")
        return self


def list_audit(context: ActionContext, params: SomeEntries) -> Results:
    """``events`` by id, and ``next-page-token`` unless this is the last page."""
    identity_id = params.identity_id
    if params.email:
        identity_id = str(find(context, OneIdentity(email=params.email))["id"])
    filters = params.model_dump(include={"event", "actor", "result", "since", "until"})
    try:
        members, token = context.admin.page("/audit", {"identity_id": identity_id, **filters, **page(params)})
    except NotFound:
        raise ActionError(OFF) from None
    entries: dict[str, dict[str, Any]] = {one["id"]: _shown(one) for one in members}
    return {"count": len(members), "events": entries, "next-page-token": token}


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "id"}
