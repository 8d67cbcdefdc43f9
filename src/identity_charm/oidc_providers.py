"""Providers that people sign in with, from any source and in any dialect, as the server's configuration spells them."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

MAPPERS = Path(__file__).parent / "mappers"

#: The older dialect's names for what the newer one and the server call otherwise.
OLDER = {
    "provider_id": "id",
    "tenant_id": "microsoft_tenant",
    "microsoft_tenant_id": "microsoft_tenant",
    "team_id": "apple_team_id",
    "private_key_id": "apple_private_key_id",
    "private_key": "apple_private_key",
}
#: The vendors the server knows.
KINDS = (
    "generic",
    "google",
    "github",
    "github-app",
    "gitlab",
    "microsoft",
    "apple",
    "discord",
    "slack",
    "facebook",
    "auth0",
    "vk",
    "yandex",
    "spotify",
    "netid",
    "dingtalk",
    "linkedin",
    "linkedin_v2",
    "patreon",
    "lark",
    "x",
    "line",
    "jackson",
    "salesforce",
    "amazon",
    "uaepass",
    "fedcm-test",
)
#: How the integrator spells a vendor whose real name it refuses.
MISSPELT = {"yander": "yandex"}
#: What the server takes of a provider, besides scope and mapper. Not ``account_linking_mode``: whoever is on the other
#: side of a relation must not decide that an address is enough to enter an account.
TAKEN = (
    "id",
    "provider",
    "label",
    "client_id",
    "client_secret",
    "issuer_url",
    "auth_url",
    "token_url",
    "microsoft_tenant",
    "subject_source",
    "apple_team_id",
    "apple_private_key_id",
    "apple_private_key",
    "requested_claims",
    "organization_id",
    "additional_id_token_audiences",
    "claims_source",
    "pkce",
    "aal2_acr_values",
    "aal2_amr_values",
    "net_id_token_origin_header",
    "update_identity_on_login",
)
NEEDED: Mapping[str, Sequence[str]] = {
    "generic": ("client_secret", "issuer_url"),
    "auth0": ("client_secret", "issuer_url"),
    "microsoft": ("client_secret", "microsoft_tenant"),
    "apple": ("apple_team_id", "apple_private_key_id", "apple_private_key"),
}
#: What makes a provider of a kind another one, and so goes into an id that nobody chose.
DISTINCT = {"generic": "issuer_url", "auth0": "issuer_url", "microsoft": "microsoft_tenant"}
SCOPES = {"github": "user:email"}
DEFAULT_SCOPE = "profile email address phone"
#: What is no text.
STRUCTURED = ("requested_claims", "additional_id_token_audiences", "aal2_acr_values", "aal2_amr_values")


class ProviderError(ValueError):
    """A provider cannot be used; the text says why."""


@dataclass(frozen=True)
class Provider:
    """A provider as the server wants it.

    Attributes:
        relation_id: the relation it came with; none for other sources.
    """

    config: Mapping[str, Any] = field(repr=False)
    relation_id: int | None = None

    @property
    def id(self) -> str:
        """Part of every account linked to it; never changes."""
        return str(self.config["id"])

    @classmethod
    def parse(cls, given: object, relation_id: int | None = None) -> "Provider":
        """Read an element of a list of providers, in either dialect of the relation or as the Admin UI writes it.

        Raises:
            ProviderError: naming what is missing.
        """
        if not isinstance(given, Mapping):
            raise ProviderError("a provider must be an object")
        return cls(_config(given), relation_id)


def settings(providers: Sequence[Provider], base_url: str) -> dict[str, Any]:
    """The method ``oidc``.

    Args:
        providers: from all sources.
        base_url: the public address, which the providers know.
    """
    if not providers:
        return {}
    config: dict[str, Any] = {"providers": [dict(one.config) for one in providers]}
    if base_url:
        config["base_redirect_uri"] = base_url
    return {"selfservice": {"methods": {"oidc": {"enabled": True, "config": config}}}}


@cache
def _mapper(kind: str) -> str:
    own = MAPPERS / f"{kind}.jsonnet"
    path = own if kind.isalnum() and own.exists() else MAPPERS / "default.jsonnet"
    return path.read_text(encoding="utf-8")


def _config(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {OLDER.get(key, key): value for key, value in given.items() if value not in (None, "", [], {})}
    if named.get("secret_backend", "relation") != "relation":
        raise ProviderError("only secret_backend relation is supported")
    kind = str(named.get("provider", ""))
    kind = named["provider"] = MISSPELT.get(kind, kind)
    if kind not in KINDS:
        raise ProviderError(f"provider {kind or '(none)'} is none of {', '.join(KINDS)}")
    for key in ("client_id", *NEEDED.get(kind, ("client_secret",))):
        # A public client proves itself with a key of its own for each sign-in.
        if key not in named and not (key == "client_secret" and named.get("pkce") == "force"):
            raise ProviderError(f"a provider of the kind {kind} lacks {key}")
    taken = {key: named[key] if key in STRUCTURED else str(named[key]) for key in TAKEN if key in named}
    scope = named.get("scope") or SCOPES.get(kind, DEFAULT_SCOPE)
    return {
        "id": _id(kind, taken),
        "label": kind,
        **taken,
        "scope": [str(one) for one in scope] if isinstance(scope, list) else str(scope).split(),
        "mapper_url": _as_url(str(named.get("jsonnet_mapper") or named.get("mapper_url") or _mapper(kind))),
    }


def _as_url(mapper: str) -> str:
    """A mapper's text or address as an address. The text may be Jsonnet, or base64 of it without its scheme."""
    if mapper.startswith("file://"):
        # The file system is the server's, not the relation's to read.
        raise ProviderError("a mapper cannot be a file")
    if mapper.startswith(("base64://", "http://", "https://")):
        return mapper
    # Jsonnet has a bracket somewhere, which base64 has not.
    encoded = mapper.strip() if re.fullmatch(r"[A-Za-z0-9+/\s]+=*\s*", mapper) else _encoded(mapper)
    return f"base64://{encoded}"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _id(kind: str, taken: Mapping[str, Any]) -> str:
    parts = [str(taken["client_id"])]
    if kind in DISTINCT:
        parts.append(str(taken[DISTINCT[kind]]))
    return f"{kind}_{hashlib.sha1('_'.join(parts).encode(), usedforsecurity=False).hexdigest()}"
