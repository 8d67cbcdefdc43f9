"""Credentials as an operator sees them who asks for their contents."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import orjson

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher
from identity_server.ciphers.errors import Unreadable
from identity_server.identity.document import CredentialRow, dump

#: Tokens of a provider; stored under the cipher secrets.
SEALED = ("initial_id_token", "initial_access_token", "initial_refresh_token")
#: What this server notes beside a credential and nobody else knows.
_OURS = ("last_step",)


def readable(rows: Iterable[CredentialRow], shown: Collection[str], cipher: Cipher) -> list[CredentialRow]:
    """The rows with what is sealed in the configurations that are shown opened."""
    return [_opened(row, cipher) if row.type in shown and row.type in _OPENED else row for row in rows]


def _opened(row: CredentialRow, cipher: Cipher) -> CredentialRow:
    config: dict[str, Any] = orjson.loads(row.config)
    _OPENED[row.type](config, cipher)
    # Of a credential that connects to no provider Kratos shows no configuration.
    bare = row.type == "oidc" and not config.get("providers")
    return row._replace(config="" if bare else dump(config))


def _providers(config: dict[str, Any], cipher: Cipher) -> None:
    for entry in config.get("providers") or []:
        for name in SEALED:
            if entry.get(name):
                entry[name] = _or_nothing(lambda text: cipher.decrypt(text).decode("utf-8", "replace"), entry[name])


def _authenticator(config: dict[str, Any], cipher: Cipher) -> None:
    for name in _OURS:
        config.pop(name, None)
    if config.get("totp_url"):
        config["totp_url"] = _or_nothing(lambda text: at_rest.opened(cipher, text), config["totp_url"])


def _backup_codes(config: dict[str, Any], cipher: Cipher) -> None:
    for entry in config.get("recovery_codes") or []:
        entry["code"] = _or_nothing(lambda text: at_rest.opened(cipher, text), entry.get("code") or "")


def _or_nothing(opening: Callable[[str], str], text: Any) -> str:
    """The text; nothing when no secret opens it any more, so that the identity stays readable."""
    try:
        return opening(str(text))
    except Unreadable:
        return ""


_OPENED: dict[str, Callable[[dict[str, Any], Cipher], None]] = {
    "oidc": _providers,
    "totp": _authenticator,
    "lookup_secret": _backup_codes,
}
