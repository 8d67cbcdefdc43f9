"""Credentials of Keycloak's users in the form of this server.

Keycloak keeps each as two JSON texts, ``secretData`` and ``credentialData``; before version 7 the members stood there
by themselves.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson

from identity_server import times

_PBKDF2 = {"pbkdf2": "sha1", "pbkdf2-sha1": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
_ARGON2_VERSIONS = {"1.0": 16, "1.3": 19}
_NO_SECRET = "A credential comes without its secret; kc.sh export writes secrets, exports of the console do not."
_DIGESTS = {"HmacSHA1": "SHA1", "HmacSHA256": "SHA256", "HmacSHA512": "SHA512"}


class NotTaken(ValueError):
    """A user whose credentials this server cannot check; the text says which."""


def take(user: Mapping[str, Any], *, drops_unsupported: bool) -> tuple[dict[str, Any], list[str]]:
    """The credentials of a user, and the types that were dropped.

    Raises:
        NotTaken: for a credential that cannot be taken, unless those are dropped.
        TypeError, ValueError, AttributeError: when something is of another form than Keycloak's.
    """
    found: dict[str, Any] = {}
    dropped: list[str] = []
    for credential in user.get("credentials") or []:
        kind = str(credential.get("type"))
        try:
            name, content = _taken(kind, credential, user)
            if name in found:
                raise NotTaken(f"The user has several credentials of the type {kind}; one can be taken.")
            found[name] = content
        except NotTaken:
            if not drops_unsupported:
                raise
            dropped.append(kind)
    if providers := user.get("federatedIdentities"):
        found["oidc"] = {"config": {"providers": [_provider(each) for each in providers]}}
    return found, dropped


def _taken(kind: str, credential: Mapping[str, Any], user: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    match kind:
        case "password":
            return "password", {"config": _password(credential), **_age(credential)}
        case "otp" | "totp":
            url = _authenticator(credential, str(user.get("email") or user.get("username") or ""))
            return "totp", {"config": {"totp_url": url}, **_age(credential)}
        case _:
            raise NotTaken(f"The credential {kind} cannot be taken: only passwords and authenticator apps can.")


def _age(credential: Mapping[str, Any]) -> dict[str, str]:
    created = credential.get("createdDate")
    return {"created_at": times.text(datetime.fromtimestamp(int(created) / 1000, UTC))} if created else {}


def _provider(link: Mapping[str, Any]) -> dict[str, str]:
    return {"provider": str(link["identityProvider"]), "subject": str(link["userId"])}


def _password(credential: Mapping[str, Any]) -> dict[str, str]:
    if credential.get("value") and "credentialData" not in credential:
        return {"password": str(credential["value"])}
    data, secret = _parts(credential)
    algorithm = str(data.get("algorithm"))
    value, salt = str(secret["value"]), str(secret["salt"])
    if algorithm in _PBKDF2:
        length = len(base64.b64decode(value))
        return {
            "hashed_password": f"$pbkdf2-{_PBKDF2[algorithm]}$i={int(data['hashIterations'])},l={length}${salt}${value}"
        }
    if algorithm == "argon2":
        return {"hashed_password": _argon2(data, salt, value)}
    raise NotTaken(
        f"Passwords hashed with {algorithm} cannot be taken; pbkdf2, pbkdf2-sha256, pbkdf2-sha512 and argon2 can."
    )


def _argon2(data: Mapping[str, Any], salt: str, value: str) -> str:
    more = {name: str(values[0]) for name, values in (data.get("additionalParameters") or {}).items() if values}
    version = _ARGON2_VERSIONS.get(more.get("version", "1.3"), 0)
    costs = f"m={int(more['memory'])},t={int(data['hashIterations'])},p={int(more.get('parallelism', '1'))}"
    return f"$argon2{more.get('type', 'id')}$v={version}${costs}${_bare(salt)}${_bare(value)}"


def _bare(text: str) -> str:
    return text.rstrip("=")


def _authenticator(credential: Mapping[str, Any], account: str) -> str:
    data, secret = _parts(credential)
    kind = str(data.get("subType", "totp"))
    if kind != "totp":
        raise NotTaken(f"The one-time passwords {kind} cannot be taken: only those by time (totp) can.")
    digest = _DIGESTS.get(str(data.get("algorithm", "HmacSHA1")))
    if digest is None:
        raise NotTaken(f"One-time passwords with {data.get('algorithm')} cannot be taken.")
    value = str(secret["value"])
    # Keycloak's secret is the text itself unless it says that the text is base32.
    shared = value if data.get("secretEncoding") == "BASE32" else base64.b32encode(value.encode()).decode()
    return (
        f"otpauth://totp/{quote(account, safe='')}?algorithm={digest}&digits={int(data.get('digits', 6))}"
        f"&period={int(data.get('period', 30))}&secret={quote(shared.rstrip('='), safe='')}"
    )


def _parts(credential: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is known of a credential, and its secret."""
    if "credentialData" in credential:
        return _object(credential["credentialData"]), _object(credential.get("secretData"))
    secret = {"value": credential.get("hashedSaltedValue"), "salt": credential.get("salt")}
    if not secret["value"]:
        raise NotTaken(_NO_SECRET)
    return dict(credential), secret


def _object(text: Any) -> dict[str, Any]:
    found = orjson.loads(text) if isinstance(text, str) else text
    if not isinstance(found, dict) or not found:
        raise NotTaken(_NO_SECRET)
    return found
