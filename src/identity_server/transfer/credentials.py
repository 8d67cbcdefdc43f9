"""The secrets inside credentials: opened by an export, so that any server can take it, sealed again by an import."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from identity_server import times
from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher
from identity_server.errors import bad_request
from identity_server.identity import api_keys, payload
from identity_server.identity.document import CredentialRow, dump
from identity_server.identity.exposure import SEALED
from identity_server.identity.importing import name_of, stored_keys
from identity_server.identity.payload import ApiKeysConfig
from identity_server.transfer import records

Change = Callable[[str], str]


def _tokens(config: dict[str, Any], change: Change) -> None:
    for entry in config.get("providers") or []:
        for name in SEALED:
            if entry.get(name):
                entry[name] = change(entry[name])


def _authenticator(config: dict[str, Any], change: Change) -> None:
    if config.get("totp_url"):
        config["totp_url"] = change(config["totp_url"])


def _backup_codes(config: dict[str, Any], change: Change) -> None:
    for entry in config.get("recovery_codes") or []:
        entry["code"] = change(entry["code"])


#: Where the secrets of a credential are; whether they carry a mark when they are sealed.
_PLACES: dict[str, tuple[Callable[[dict[str, Any], Change], None], bool]] = {
    "oidc": (_tokens, False),
    "totp": (_authenticator, True),
    "lookup_secret": (_backup_codes, True),
}


def opened(row: CredentialRow, cipher: Cipher) -> CredentialRow:
    """A stored credential with its secrets in clear text.

    Raises:
        Unreadable: when none of the configured secrets opens one of them.
    """
    if row.type not in _PLACES:
        return row
    visit, marked = _PLACES[row.type]
    config: dict[str, Any] = orjson.loads(row.config)
    visit(config, partial(at_rest.opened, cipher) if marked else lambda text: cipher.decrypt(text).decode())
    return row._replace(config=dump(config))


def sealed(kind: str, config: dict[str, Any], cipher: Cipher) -> dict[str, Any]:
    """A configuration as it is stored."""
    if kind in _PLACES:
        visit, marked = _PLACES[kind]
        visit(config, partial(at_rest.sealed, cipher) if marked else lambda text: cipher.encrypt(text.encode()))
    return config


def checked(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """A configuration in clear text, once it is known to be of the form that the server reads.

    Raises:
        ApiError: 400 for anything else.
    """
    match kind:
        case "password":
            return payload.read(records.PasswordContent, config).model_dump(exclude_none=True)
        case "oidc" | "saml":
            content = payload.read(records.ProvidersContent, config)
            return _providers(kind, content)
        case "totp":
            return payload.read(records.AuthenticatorContent, config).model_dump(exclude_none=True)
        case "lookup_secret":
            return payload.read(records.BackupCodesContent, config).model_dump()
        case "webauthn" | "passkey":
            return _keys(config)
        case "api_key":
            return api_keys.config_of(
                stored_keys(payload.read(ApiKeysConfig, config), times.text(times.system_clock()))
            )
        case _:
            return config


def _providers(kind: str, content: records.ProvidersContent) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    for provider in content.providers or []:
        entry: dict[str, Any] = provider.model_dump(exclude_none=True)
        if not entry.get("use_auto_link"):
            entry.pop("use_auto_link", None)
        if kind == "oidc":
            entry = dict.fromkeys(SEALED, "") | entry
        entries.append(entry)
    return {"providers": entries}


def _keys(config: dict[str, Any]) -> dict[str, Any]:
    entries = config.get("credentials")
    if not isinstance(entries, list) or len(entries) > records.MOST_ENTRIES:
        raise bad_request(f"credentials must be a list of at most {records.MOST_ENTRIES} security keys.")
    for entry in entries:
        if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in ("id", "public_key")):
            raise bad_request("Every security key needs id and public_key as text.")
        if not isinstance(entry.get("authenticator") or {}, dict):
            raise bad_request("authenticator of a security key must be an object.")
    if not isinstance(config.get("user_handle") or "", str):
        raise bad_request("user_handle must be text.")
    return config


def identifiers(kind: str, config: dict[str, Any], given: list[str] | None) -> list[str]:
    """What a credential is found by: accounts by their providers' names for them, all others as the row says."""
    if kind in ("oidc", "saml"):
        return [name_of(entry) for entry in config.get("providers") or []]
    if kind == "api_key":
        return [key.id for key in api_keys.of_config(config)]
    return list(given or [])
