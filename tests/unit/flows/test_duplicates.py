"""What is told about an account that exists."""

from types import SimpleNamespace
from typing import Any

import pytest

from identity_server.flows.duplicates import duplicate_message, owner_of
from identity_server.identity.model import Address, Credential, Identity

NOW = "2026-11-21T09:30:00.000000Z"
KEYS = {"credentials": [{"is_passwordless": True}]}


def identity(**credentials: Credential) -> Identity:
    return Identity("the-id", "default", {}, NOW, NOW, credentials=dict(credentials))


def credential(kind: str, *identifiers: str, **config: Any) -> Credential:
    return Credential(kind, list(identifiers), config)


class Store:
    """Identities by name and address."""

    def __init__(self, names: dict[tuple[str, str], Identity], addresses: dict[str, Identity] | None = None) -> None:
        self.names, self.addresses = names, addresses or {}

    async def by_identifier(self, identifier: str, types: tuple[str, ...]) -> Identity | None:
        return next((self.names[kind, identifier] for kind in types if (kind, identifier) in self.names), None)

    async def by_address(self, kind: str, via: str, value: str) -> Identity | None:
        del kind, via
        return self.addresses.get(value)


def services(store: Store, hints: bool = True) -> Any:
    return SimpleNamespace(identities=store, configuration=SimpleNamespace(flag=lambda _: hints))


NEWCOMER = identity(password=credential("password", "meg@mail.test"))


@pytest.mark.anyio
async def test_without_hints_nothing_more_is_told() -> None:
    owner = identity(password=credential("password", hashed_password="$2a$"))
    message = await duplicate_message(services(Store({("password", "meg@mail.test"): owner}), hints=False), NEWCOMER)
    assert (message.id, message.context) == (4000007, None)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("owner", "types", "providers"),
    [
        (identity(password=credential("password", hashed_password="$2a$")), ["password"], []),
        (identity(password=credential("password", use_password_migration_hook=True)), ["password"], []),
        (identity(password=credential("password")), [], []),
        (identity(oidc=credential("oidc", providers=[{"provider": "hub"}])), ["oidc"], ["hub"]),
        (identity(webauthn=credential("webauthn", **KEYS)), ["webauthn"], []),
        (identity(webauthn=credential("webauthn", credentials=[{"is_passwordless": False}])), [], []),
        (identity(passkey=credential("passkey", **KEYS)), ["passkey"], []),
        (identity(totp=credential("totp", totp_url="x"), lookup_secret=credential("lookup_secret")), [], []),
        (
            identity(password=credential("password", hashed_password="$2a$"), code=credential("code")),
            ["code", "password"],
            [],
        ),
    ],
)
async def test_hints_name_the_first_factors(owner: Identity, types: list[str], providers: list[str]) -> None:
    message = await duplicate_message(services(Store({("password", "meg@mail.test"): owner})), NEWCOMER)
    assert message.id == 4000028
    assert message.context == {
        "available_credential_types": types,
        "available_oidc_providers": providers,
        "credential_identifier_hint": "meg@mail.test",
    }


@pytest.mark.anyio
async def test_an_owner_who_is_gone_by_now_is_no_reason_to_fail() -> None:
    assert (await duplicate_message(services(Store({})), NEWCOMER)).id == 4000007


@pytest.mark.anyio
async def test_a_providers_name_is_no_hint() -> None:
    owner = identity(oidc=credential("oidc", providers=[{"provider": "hub"}]))
    newcomer = identity(oidc=credential("oidc", "hub:4711"))
    assert await owner_of(services(Store({("oidc", "hub:4711"): owner})), newcomer) == (owner, "")


@pytest.mark.anyio
async def test_an_address_may_be_what_is_taken() -> None:
    owner, newcomer = identity(), identity()
    newcomer.verifiable_addresses = [Address("a", "meg@mail.test", "email", NOW, NOW)]
    found = await owner_of(services(Store({}, {"meg@mail.test": owner})), newcomer)
    assert found == (owner, "meg@mail.test")
