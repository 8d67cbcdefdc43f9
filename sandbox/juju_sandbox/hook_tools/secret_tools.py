"""Tools about secrets."""

import re
import time
from typing import Any

from juju_sandbox import vault
from juju_sandbox.failures import ToolError
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools.calls import Call, Tool
from juju_sandbox.moments import seconds_of
from juju_sandbox.secret_content import decode
from juju_sandbox.store import Row

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def secret_add(context: HookContext, call: Call) -> str:
    content = decode(call.pairs())
    if not content:
        raise ToolError("missing secret value or filename")
    owner = _owner(context, call.option("--owner") or "application")
    identifier = vault.create(
        context.store,
        owner,
        content,
        label=call.option("--label") or "",
        description=call.option("--description") or "",
        rotate=call.option("--rotate") or "never",
    )
    _expire(context, identifier, call.option("--expire"))
    return f"secret:{identifier}\n"


def _owner(context: HookContext, kind: str) -> str:
    if kind == "unit":
        return f"unit:{context.unit}"
    if kind != "application":
        raise ToolError(f'secret owner "{kind}" not valid')
    context.require_leader()
    return f"app:{context.application}"


def _expire(context: HookContext, identifier: str, text: str | None) -> None:
    """A moment in RFC 3339, or a duration such as ``24h``, for the latest revision."""
    if not text:
        return
    match = _DURATION.fullmatch(text)
    if match and any(match.groups()):
        hours, minutes, seconds = (int(group or 0) for group in match.groups())
        moment = time.time() + hours * 3600 + minutes * 60 + seconds
    else:
        try:
            moment = seconds_of(text)
        except ValueError:
            raise ToolError(f'expire time or duration "{text}" not valid') from None
    context.store.run(
        "UPDATE secret_revision SET expires = ?, told_expired = 0 WHERE secret = ? AND revision = ?",
        *(moment, identifier, vault.latest_revision(context.store, identifier)),
    )


def _find(context: HookContext, text: str) -> Row:
    row = context.store.first("SELECT * FROM secret WHERE id = ?", vault.bare(text))
    if row is None:
        raise ToolError(f'secret "{vault.bare(text)}" not found')
    return row


def _managed(context: HookContext, text: str) -> Row:
    row = _find(context, text)
    if not vault.may_manage(row, context.unit, context.application, leader=context.leader):
        # Juju tells a stranger no more than this.
        raise ToolError(f'secret "{row["id"]}" not found')
    return row


def secret_set(context: HookContext, call: Call) -> str:
    row = _managed(context, call.word(0, "secret ID"))
    content = decode(call.pairs(1))
    if content:
        vault.update(context.store, row["id"], content)
    for column in ("label", "description"):
        value = call.option(f"--{column}")
        if value is not None:
            context.store.run(f"UPDATE secret SET {column} = ? WHERE id = ?", value, row["id"])  # noqa: S608
    if rotate := call.option("--rotate"):
        vault.set_rotation(context.store, row["id"], rotate)
    _expire(context, row["id"], call.option("--expire"))
    return ""


def secret_get(context: HookContext, call: Call) -> str:
    label = call.option("--label") or ""
    if call.words and call.words[0]:
        row = _find(context, call.words[0])
    elif label:
        found = vault.by_label(context.store, label, context.unit, context.application)
        if not found:
            raise ToolError(f'consumer label "{label}" not found')
        row, label = _find(context, found), ""
    else:
        raise ToolError("require either a secret URI or label")
    content = vault.content_for(
        context.store,
        row,
        context.unit,
        context.application,
        label=label,
        refresh=call.flag("--refresh"),
        peek=call.flag("--peek"),
    )
    key = call.words[1] if len(call.words) > 1 else ""
    if key and key not in content:
        raise ToolError(f'key "{key}" not found in secret')
    return call.answer(content[key] if key else content)


def secret_info_get(context: HookContext, call: Call) -> str:
    label = call.option("--label") or ""
    identifier = (
        call.words[0] if call.words else vault.by_label(context.store, label, context.unit, context.application)
    )
    if not identifier:
        raise ToolError(f'secret "{label}" not found')
    row = _managed(context, identifier)
    latest = vault.latest_revision(context.store, row["id"])
    expires = context.store.value(
        "SELECT expires FROM secret_revision WHERE secret = ? AND revision = ?", row["id"], latest
    )
    info: dict[str, Any] = {
        "revision": latest,
        "label": row["label"],
        "owner": "application" if row["owner"].startswith("app:") else "unit",
        "rotation": row["rotate"],
    }
    if row["description"]:
        info["description"] = row["description"]
    for key, moment in (("expiry", expires), ("rotates", row["rotates"])):
        if moment:
            info[key] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    return call.answer({row["id"]: info})


def secret_grant(context: HookContext, call: Call) -> str:
    row = _managed(context, call.word(0, "secret ID"))
    relation = context.relation(call.option("--relation"))["relation"]
    grantee = call.option("--unit") or context.remote_application(relation)
    vault.grant(context.store, row["id"], grantee, relation)
    return ""


def secret_revoke(context: HookContext, call: Call) -> str:
    row = _managed(context, call.word(0, "secret ID"))
    if relation := call.option("--relation"):
        grantee = call.option("--unit") or context.remote_application(context.relation(relation)["relation"])
    else:
        grantee = call.option("--unit") or call.option("--app") or ""
    if not grantee:
        raise ToolError("missing relation or application or unit")
    vault.revoke(context.store, row["id"], grantee)
    return ""


def secret_remove(context: HookContext, call: Call) -> str:
    row = _managed(context, call.word(0, "secret ID"))
    revision = call.option("--revision")
    if revision is not None and not revision.isdecimal():
        raise ToolError(f'revision "{revision}" is not a number')
    vault.remove(context.store, row["id"], int(revision) if revision else None)
    return ""


def secret_ids(context: HookContext, call: Call) -> str:
    rows = context.store.all("SELECT * FROM secret ORDER BY id")
    mine = [
        row["id"] for row in rows if vault.may_manage(row, context.unit, context.application, leader=context.leader)
    ]
    return call.answer(mine)


TOOLS: dict[str, Tool] = {
    "secret-add": secret_add,
    "secret-set": secret_set,
    "secret-get": secret_get,
    "secret-info-get": secret_info_get,
    "secret-grant": secret_grant,
    "secret-revoke": secret_revoke,
    "secret-remove": secret_remove,
    "secret-ids": secret_ids,
}
