"""Credentials as an operator sees them who asks for their contents."""

from collections.abc import Collection, Iterable

import orjson

from identity_server.ciphers.cipher import Cipher
from identity_server.ciphers.errors import Unreadable
from identity_server.identity.document import CredentialRow, dump

#: Tokens of a provider; stored under the cipher secrets.
SEALED = ("initial_id_token", "initial_access_token", "initial_refresh_token")


def readable(rows: Iterable[CredentialRow], shown: Collection[str], cipher: Cipher) -> list[CredentialRow]:
    """The rows with what is sealed in the configurations that are shown opened."""
    if "oidc" not in shown:
        return list(rows)
    return [_opened(row, cipher) if row.type == "oidc" else row for row in rows]


def _opened(row: CredentialRow, cipher: Cipher) -> CredentialRow:
    config = orjson.loads(row.config)
    for entry in config.get("providers") or []:
        for name in SEALED:
            if entry.get(name):
                entry[name] = _open(str(entry[name]), cipher)
    return row._replace(config=dump(config))


def _open(text: str, cipher: Cipher) -> str:
    """The token; nothing when no secret opens it any more, so that the identity stays readable."""
    try:
        return cipher.decrypt(text).decode("utf-8", "replace")
    except Unreadable:
        return ""
