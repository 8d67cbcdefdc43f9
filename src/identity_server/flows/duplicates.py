"""What to tell when an identifier is taken."""

from collections.abc import Callable

from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.schema import normalize
from identity_server.services import Services

#: Credentials whose identifiers people know; those of providers tell nobody anything.
_KNOWN = ("password", "webauthn", "code", "passkey")


def _keys(credential: Credential) -> bool:
    return any(key.get("is_passwordless") for key in credential.config.get("credentials") or ())


#: How somebody could sign in, and whether a credential of the type is fit for it.
_USABLE: dict[str, Callable[[Credential], bool]] = {
    "code": lambda credential: True,
    "oidc": lambda credential: bool(credential.config.get("providers")),
    "passkey": lambda credential: bool(credential.config.get("credentials")),
    "password": lambda credential: bool(
        credential.config.get("hashed_password") or credential.config.get("use_password_migration_hook")
    ),
    "webauthn": _keys,
}


async def duplicate_message(services: Services, identity: Identity) -> Message:
    """That an account exists; with hints configured also how its owner signs in."""
    if not services.configuration.flag("selfservice.flows.registration.login_hints"):
        return errors.account_exists()
    found = await owner_of(services, identity)
    if found is None:
        return errors.account_exists()
    owner, identifier = found
    types, providers = ways_in(owner)
    return errors.account_exists_with_hints(identifier, types, providers)


def ways_in(owner: Identity) -> tuple[list[str], list[str]]:
    """The types of credentials that an identity can sign in with, and its providers."""
    types = [kind for kind, usable in _USABLE.items() if (held := owner.credential(kind)) and usable(held)]
    held = owner.credential("oidc")
    providers = [str(entry.get("provider")) for entry in held.config.get("providers") or ()] if held else []
    return types, providers


async def owner_of(services: Services, identity: Identity) -> tuple[Identity, str] | None:
    """Who holds one of a new identity's names or addresses, and which."""
    for kind, credential in identity.credentials.items():
        for identifier in credential.identifiers:
            if kind not in _KNOWN:
                owner = await services.identities.by_identifier(identifier, (kind,))
                if owner is not None:
                    return owner, ""
                continue
            owner = await services.identities.by_identifier(normalize.identifier(identifier), _KNOWN)
            if owner is not None:
                return owner, identifier
    kinds = (("verifiable", identity.verifiable_addresses), ("recovery", identity.recovery_addresses))
    for kind, addresses in kinds:
        for address in addresses:
            owner = await services.identities.by_address(kind, address.via, address.value)
            if owner is not None:
                return owner, address.value
    return None
