"""Removing one credential of an identity without locking its owner out."""

from collections.abc import Callable

from identity_server.errors import ApiError, bad_request, not_found
from identity_server.identity.importing import name_of
from identity_server.identity.levels import Factors, first_factors
from identity_server.identity.model import Credential, Identity


def remove(identity: Identity, kind: str, identifier: str, factors: Factors) -> None:
    """Removes a credential, or the part of it that ``identifier`` names.

    Raises:
        ApiError: 404 when there is nothing to remove; 400 for kinds that cannot be removed, for a provider that is
            not named, and for the last way to sign in.
    """
    credential = identity.credential(kind)
    if credential is None:
        raise not_found(f"This identity has no credential of the type {kind[:64]!r}.")
    rule = _RULES.get(kind)
    if rule is None:
        raise bad_request(f"Credentials of the type {kind!r} cannot be removed here.")
    rule(identity, credential, identifier, factors)


def _whole(identity: Identity, credential: Credential, identifier: str, factors: Factors) -> None:
    del identifier, factors, identity.credentials[credential.type]


def _second_factor_keys(identity: Identity, credential: Credential, identifier: str, factors: Factors) -> None:
    del identifier, factors
    del identity
    kept = [key for key in credential.config.get("credentials") or [] if key.get("is_passwordless")]
    # The user's handle stays, and with it the credential: keys that are added later belong to the same user.
    credential.config = {name: value for name, value in credential.config.items() if name != "credentials"}
    if kept:
        credential.config["credentials"] = kept


def _password(identity: Identity, credential: Credential, identifier: str, factors: Factors) -> None:
    del identifier
    _refuse_last(identity, factors)
    credential.config = {}


def _provider(identity: Identity, credential: Credential, identifier: str, factors: Factors) -> None:
    if not identifier:
        raise bad_request("The query parameter 'identifier' must name the account as provider:subject.")
    if identifier not in credential.identifiers:
        raise not_found(f"This identity is not linked to that account at a provider ({credential.type}).")
    _refuse_last(identity, factors)
    entries = [entry for entry in credential.config.get("providers") or [] if name_of(entry) != identifier]
    credential.config = {**credential.config, "providers": entries}
    credential.identifiers = [name for name in credential.identifiers if name != identifier]


def _refuse_last(identity: Identity, factors: Factors) -> None:
    if first_factors(identity, factors) < 2:
        raise ApiError(400, "This is the last way in which this identity can sign in; it cannot be removed.")


_Rule = Callable[[Identity, Credential, str, Factors], None]
_RULES: dict[str, _Rule] = {
    "totp": _whole,
    "lookup_secret": _whole,
    "webauthn": _second_factor_keys,
    "api_key": _whole,
    "password": _password,
    "oidc": _provider,
    "saml": _provider,
}
