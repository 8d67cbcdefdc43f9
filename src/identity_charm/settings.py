"""All sources together: the configuration of the server, as data."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from . import oidc_providers, selfservice
from .options import Options, listed
from .related import Related
from .situation import Usable

Settings = dict[str, Any]

#: How often what has expired is removed: sessions, flows, codes, delivered messages, old entries of the audit trail.
CLEANUP = "24h"
#: What the server reads only when it starts. Keys are among it so that a unit that says it knows them really does.
FIXED = ("dsn", "dev", "log", "serve", "secrets", "ciphers", "tracing")
#: Of those, what it takes up by itself all the same.
RELOADED = (("serve", "admin"), ("serve", "public", "cors"))


def build(seen: Usable) -> Settings:
    """What each source contributes, merged; of what two of them say, the later one counts."""
    options, related = seen.options, seen.related
    return merge(
        _server(options, related),
        selfservice.settings(options, related, social=bool(seen.providers)),
        _courier(options, related, seen.verification_email),
        seen.schemas.settings(),
        seen.keys.settings(),
        seen.admin_keys.settings(seen.keys.admin, keyless=seen.tolerates_keyless),
        related.database.settings(),
        related.hydra.settings(),
        related.tracing.settings(),
        related.smtp.settings(),
        related.ui.settings(),
        oidc_providers.settings(seen.providers, related.public_url),
    )


def fixed(content: Settings) -> Settings:
    """The part of the settings for which the server has to start anew."""
    kept = {key: content[key] for key in FIXED if key in content}
    for path in RELOADED:
        kept = _without(kept, path)
    return kept


def _without(found: Settings, path: Sequence[str]) -> Settings:
    head, *rest = path
    if not rest or head not in found:
        return {key: value for key, value in found.items() if key != head}
    return {**found, head: _without(found[head], rest)}


def merge(*parts: Mapping[str, Any]) -> Settings:
    """One mapping out of many; mappings inside are merged, of other values the last one counts."""
    merged: Settings = {}
    for part in parts:
        for key, value in part.items():
            before: object = merged.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                value = merge(before, value)
            merged[key] = value
    return merged


def _server(options: Options, related: Related) -> Settings:
    public: Settings = {"cors": _cors(options, related)}
    if related.public_url:
        public["base_url"] = related.public_url
    return {
        "log": {"level": options.log_level, "format": "json"},
        "dev": options.dev,
        "serve": {"public": public},
        "selfservice": {"allowed_return_urls": _return_urls(options, related)},
        "hashers": {"algorithm": options.password_hashing_algorithm},
        "audit": {"enabled": options.enable_audit_trail},
        "database": {"cleanup": {"every": CLEANUP}},
        "security": {
            "account_enumeration": {"mitigate": options.mitigate_account_enumeration},
            "brute_force": {
                "per_identifier": {
                    "free_attempts": options.brute_force_free_attempts,
                    "longest_wait": options.brute_force_longest_wait,
                }
            },
        },
    }


def _cors(options: Options, related: Related) -> Settings:
    """Sites that the operator or the login UI names, and no other: people's cookies go along."""
    origins = list(dict.fromkeys([*related.ui.origins, *listed(options.cors_allowed_origins)]))
    return {"enabled": True, "allowed_origins": origins} if origins else {"enabled": False}


def _return_urls(options: Options, related: Related) -> list[str]:
    own = [f"{related.public_url}/"] if related.public_url else []
    pages = [f"{origin}/" for origin in related.ui.origins]
    return list(dict.fromkeys([*own, *pages, *listed(options.allowed_return_urls)]))


def _courier(options: Options, related: Related, verification_email: str) -> Settings:
    # The mail server may insist on a sender; whoever sets the option means it.
    chosen = options.sender_email != Options.model_fields["sender_email"].default
    smtp = {
        "from_address": options.sender_email if chosen or not related.smtp.sender else related.smtp.sender,
        "from_name": options.sender_name,
    }
    if related.smtp.domain:
        smtp["local_name"] = related.smtp.domain
    templates = {
        name: {"valid": {"email": {"body": {"html": _as_url(text)}}}}
        for name, text in (
            ("recovery_code", options.recovery_email_template),
            ("verification_code", verification_email),
        )
        if text
    }
    courier: Settings = {"smtp": smtp, "message_retries": options.courier_message_retries}
    return {"courier": {**courier, "templates": templates} if templates else courier}


def _as_url(text: str) -> str:
    return "base64://" + base64.b64encode(text.encode()).decode("ascii")
