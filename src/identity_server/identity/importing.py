"""What comes along with an identity from elsewhere: passwords, links to providers, addresses."""

import re
from collections.abc import Iterable
from typing import Any, Literal

from identity_server import randomness, times
from identity_server.errors import ApiError, bad_request
from identity_server.identity import api_keys
from identity_server.identity.api_keys import ApiKey
from identity_server.identity.model import Address, Credential, Identity
from identity_server.identity.payload import (
    ApiKeysConfig,
    CredentialsBody,
    PasswordConfig,
    Provider,
    ProvidersBody,
    VerifiableAddressBody,
)
from identity_server.passwords.errors import HashError, PasswordTooLong, PoolBusy
from identity_server.passwords.pool import HashingPool
from identity_server.schema import normalize
from identity_server.times import Timestamp

_NAME_ALONE = re.compile(
    r"\$(?:argon2id?|2[abyz]?|pbkdf2-sha(?:1|224|256|384|512)|(?:fire)?scrypt|sha(?:1|256|512)|md5|"
    r"(?:md5|sha256|sha512)-crypt|hmac-(?:md4|md5|sha1|sha224|sha256|sha384|sha512))\$"
)
STATUSES = ("pending", "sent", "completed")
#: Tokens of a provider that an import does not bring; Kratos shows them empty.
_NO_TOKENS = {"initial_id_token": "", "initial_access_token": "", "initial_refresh_token": ""}


class Importer:
    """Takes over credentials and addresses.

    Args:
        hashing: hashes clear text, and checks the form and the cost of hashes.
    """

    def __init__(self, hashing: HashingPool) -> None:
        self._hashing = hashing

    async def credentials(self, identity: Identity, body: CredentialsBody | None, now: Timestamp) -> set[str]:
        """Adds or replaces the credentials of a body; a password replaces the old one, providers join the others.

        Returns:
            The types that are new.

        Raises:
            ApiError: 400 for a hash that is broken, unknown or too costly to check; 503 when too many passwords wait.
        """
        if body is None:
            return set()
        known = identity.credentials.keys() - {"password"}
        if body.password is not None:
            config = await self._password(body.password.config or PasswordConfig())
            self._put(identity, "password", config, now)
        if body.oidc is not None:
            self._providers(identity, "oidc", body.oidc, now)
        if body.saml is not None:
            self._providers(identity, "saml", body.saml, now)
        if body.api_key is not None:
            keys = stored_keys(body.api_key.config or ApiKeysConfig(), now)
            credential = self._put(identity, api_keys.TYPE, api_keys.config_of(keys), now)
            credential.identifiers = [key.id for key in keys]
        return {name for name in ("password", "oidc", "saml", "api_key") if getattr(body, name) is not None} - known

    async def _password(self, body: PasswordConfig) -> dict[str, Any]:
        config: dict[str, Any] = {}
        if body.password:
            config["hashed_password"] = await self.hashed(body.password)
        elif body.hashed_password:
            config["hashed_password"] = self.checked(body.hashed_password)
        elif body.use_password_migration_hook:
            config["hashed_password"] = ""
        else:
            raise bad_request("A password needs one of password, hashed_password and use_password_migration_hook.")
        if body.use_password_migration_hook:
            config["use_password_migration_hook"] = True
        return config

    async def hashed(self, password: str) -> str:
        """The hash of a password in clear text."""
        try:
            return await self._hashing.hash(password)
        except PasswordTooLong as error:
            raise bad_request(f"The password is too long: {error}.") from None
        except PoolBusy as error:
            raise ApiError(503, str(error), headers={"retry-after": str(error.retry_after)}) from None

    def checked(self, text: str) -> str:
        """A hash as it came, once it is known to be one that can be checked at a reasonable cost.

        The name of an algorithm with nothing behind it is taken, as Kratos does: a password that nobody has.
        """
        if _NAME_ALONE.fullmatch(text):
            return text
        try:
            self._hashing.parse(text)
        except HashError as error:
            raise bad_request(f"The password hash cannot be imported: {error}.") from None
        return text

    @staticmethod
    def _put(identity: Identity, kind: str, config: dict[str, Any], now: Timestamp) -> Credential:
        credential = identity.credentials.get(kind)
        if credential is None:
            credential = identity.credentials[kind] = Credential(kind, created_at=now)
        credential.config = config
        credential.updated_at = now
        return credential

    def _providers(
        self, identity: Identity, kind: Literal["oidc", "saml"], body: ProvidersBody, now: Timestamp
    ) -> None:
        known = identity.credentials.get(kind)
        entries: list[dict[str, Any]] = list(known.config.get("providers") or []) if known else []
        names = {name_of(entry) for entry in entries}
        for provider in (body.config.providers if body.config else None) or []:
            entry = _entry(kind, provider)
            if name_of(entry) not in names:
                names.add(name_of(entry))
                entries.append(entry)
        credential = self._put(identity, kind, {"providers": entries}, now)
        credential.identifiers = [name_of(entry) for entry in entries]


def name_of(entry: dict[str, Any]) -> str:
    """The identifier of an account at a provider."""
    return f"{entry.get('provider', '')}:{entry.get('subject', '')}"


def _entry(kind: str, provider: Provider) -> dict[str, Any]:
    entry: dict[str, Any] = {"subject": provider.subject or "", "provider": provider.provider or ""}
    if kind == "oidc":
        entry |= _NO_TOKENS
    if provider.organization:
        entry["organization"] = provider.organization
    if provider.use_auto_link:
        entry["use_auto_link"] = True
    return entry


def stored_keys(body: ApiKeysConfig, now: Timestamp) -> list[ApiKey]:
    """The API keys that a body has the digests of."""
    return [
        ApiKey(key.id, key.name, key.key_hash, _stored(key.created_at) or now, _stored(key.expires_at))
        for key in body.keys or []
    ]


def _stored(moment: str | None) -> Timestamp | None:
    return times.text(times.parse(moment)) if moment else None


def addresses(bodies: Iterable[VerifiableAddressBody] | None, now: Timestamp) -> list[Address]:
    """What a body knows of addresses, to be matched with what the traits hold.

    Raises:
        ApiError: 400 for a status that does not exist.
    """
    found: list[Address] = []
    for body in bodies or ():
        via = body.via or ""
        try:
            value = normalize.address(via, body.value or "")
        except normalize.NotCanonical:
            continue
        found.append(_address(body, via, value, now))
    return found


def merged(known: Iterable[Address], bodies: Iterable[VerifiableAddressBody] | None, now: Timestamp) -> list[Address]:
    """Addresses after a change: what is said about them, with the age of those that were there before.

    Raises:
        ApiError: 400 for a status that does not exist.
    """
    born = {address.id: address.created_at for address in known}
    changed = addresses(bodies, now)
    for address in changed:
        address.created_at = born.get(address.id, address.created_at)
    return changed


def _address(body: VerifiableAddressBody, via: str, value: str, now: Timestamp) -> Address:
    verified = bool(body.verified)
    status = body.status or ("completed" if verified else "pending")
    if status not in STATUSES:
        raise bad_request(f"The status of an address must be one of {', '.join(STATUSES)}.")
    verified_at = (body.verified_at or now) if verified else None
    return Address(body.id or randomness.new_id(), value, via, now, now, verified, status, verified_at)
