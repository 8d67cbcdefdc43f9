"""Identities out of the server into a file, and back: a backup, a move, a test set."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pydantic

from identity_server import contract

from .. import strict_json
from ..admin_client import AdminError, Conflict, Identity
from ..values import Value
from .action import ActionContext, ActionError, Results

FOLDER = f"{contract.DATA_FOLDER}/exchange"
#: What an identity is made anew from. Its id is the server's to give.
KEPT = ("schema_id", "state", "traits", "metadata_public", "metadata_admin", "external_id")
ADDRESS = ("value", "via", "verified", "status", "verified_at")
CREDENTIALS = ("password", "oidc", "totp", "lookup_secret", "webauthn", "passkey")
MOST_SHOWN = 20


class File(Value):
    """Parameters that name a file."""

    file: str = ""

    @pydantic.field_validator("file")
    @classmethod
    def _a_plain_name(cls, name: str) -> str:
        if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", name):
            raise ValueError("file must be a plain name such as people.jsonl")
        return name


class Export(File):
    """Parameters of ``export-identities``."""

    with_credentials: bool = False


class Import(File):
    """Parameters of ``import-identities``."""

    file: str = pydantic.Field(min_length=1)


def export_identities(context: ActionContext, params: Export) -> Results:
    """``file`` in the container with one identity a line, and the ``count`` of them."""
    name = params.file or f"identities-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
    include = list(CREDENTIALS) if params.with_credentials else []
    found = context.admin.all("/identities", {"page_size": 250, "include_credential": include})
    lines = [json.dumps(_line(one, credentials=params.with_credentials), ensure_ascii=False) for one in found]
    path = f"{FOLDER}/{name}"
    context.reconciler.workload.write({path: "".join(f"{line}\n" for line in lines)})
    return {"file": path, "count": len(lines)}


def import_identities(context: ActionContext, params: Import) -> Results:
    """How many were ``created``, how many were there already (``existing``), and the first ``errors`` by line."""
    text = context.reconciler.workload.read(f"{FOLDER}/{params.file}")
    if text is None:
        raise ActionError(f"There is no {FOLDER}/{params.file}; put it there with juju scp --container kratos")
    results: dict[str, Any] = {"created": 0, "existing": 0, "failed": 0}
    errors: dict[str, str] = {}
    for number, line in _lines(text):
        outcome, reason = _create(context, line)
        results[outcome] += 1
        if reason and len(errors) < MOST_SHOWN:
            errors[f"line-{number}"] = reason
    if results["failed"]:
        raise ActionError(f"{results['failed']} lines could not be imported", {**results, "errors": errors})
    return results


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # Only this ends a line: JSON may hold other characters that Python takes for the end of one.
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _create(context: ActionContext, line: str) -> tuple[str, str]:
    try:
        body = strict_json.parse(line)
    except ValueError:
        return "failed", "not JSON"
    if not isinstance(body, dict):
        return "failed", "not a JSON object"
    try:
        context.admin.create_identity(body)
    except Conflict:
        return "existing", ""
    except AdminError as refused:
        return "failed", refused.reason
    return "created", ""


def _line(found: Identity, *, credentials: bool) -> dict[str, Any]:
    line = {key: found[key] for key in KEPT if found.get(key) is not None}
    for kind in ("verifiable_addresses", "recovery_addresses"):
        if addresses := found.get(kind):
            keys = ADDRESS if kind == "verifiable_addresses" else ADDRESS[:2]
            line[kind] = [{key: one[key] for key in keys if one.get(key) is not None} for one in addresses]
    if credentials and (kept := _credentials(found.get("credentials") or {})):
        line["credentials"] = kept
    return line


def _credentials(found: dict[str, Any]) -> dict[str, Any]:
    """The configuration of each credential as an import wants it."""
    kept: dict[str, Any] = {}
    for kind in CREDENTIALS:
        config = dict(found.get(kind, {}).get("config") or {})
        if kind == "lookup_secret" and "recovery_codes" in config:
            config = {"codes": config["recovery_codes"]}
        elif kind == "oidc" and config.get("providers"):
            # Tokens of the first sign-in are encrypted with this server's key, and long since useless.
            providers = config["providers"]
            config = {"providers": [{key: one[key] for key in ("subject", "provider")} for one in providers]}
        if config:
            kept[kind] = {"config": config}
    return kept
