"""Builds everything, once; a reload builds it again around the same database."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from identity_server import times
from identity_server.ciphers.cipher import build_cipher
from identity_server.ciphers.signing import Keys
from identity_server.clocks import SteadyClock
from identity_server.configuration import Configuration, measures
from identity_server.flows.selfservice import self_service
from identity_server.identity.levels import Factors, available_aal
from identity_server.identity.manager import IdentityManager
from identity_server.mail import build_mail, deliver
from identity_server.mappers.pool import JsonnetPool
from identity_server.outbound.client import OutboundClient
from identity_server.passwords.breaches import BreachedPasswords
from identity_server.passwords.common import CommonPasswords
from identity_server.passwords.hashers import Argon2Hasher, BcryptHasher, Hasher
from identity_server.passwords.policy import PasswordPolicy
from identity_server.passwords.pool import HashingPool
from identity_server.schema import normalize
from identity_server.schema.registry import SchemaEntry, SchemaRegistry
from identity_server.services import Services
from identity_server.session.tokenizer import Template, Tokenizer
from identity_server.sources import build_outbound, read_now, reader
from identity_server.storage.admin_keys import StoredAdminKeys
from identity_server.storage.api_keys import ApiKeys
from identity_server.storage.attempts import Attempts
from identity_server.storage.audit import recorded
from identity_server.storage.codes import Codes
from identity_server.storage.exchanges import Exchanges
from identity_server.storage.flows import Continuity, ErrorPages, Flows
from identity_server.storage.hook_calls import HookCalls
from identity_server.storage.identities import Identities
from identity_server.storage.once import Once
from identity_server.storage.opening import open_database
from identity_server.storage.port import Database
from identity_server.storage.sessions import Sessions
from identity_server.times import Clock
from identity_server.web.runtime import Runtime

#: Identifiers that a provider or this server made; they are what they are, letter by letter.
_EXACT = ("oidc", "saml", "totp", "lookup_secret", "passkey", "api_key")
_KIBIBYTE = 1024


def canonical(kind: str, identifier: str) -> str:
    """The form in which an identifier of a credential type is unique."""
    return identifier if kind in _EXACT else normalize.identifier(identifier)


def build_runtime(
    configuration: Configuration, database: Database | None = None, clock: Clock = times.system_clock
) -> Runtime:
    """The parts of a server.

    Raises:
        SchemaRefused: when an identity schema cannot be used.
        ConfigurationError: when a template or a way out of the courier cannot be used.
        BadDSN: when the data source name is not one we know.
    """
    services = build_services(configuration, database, clock)
    runtime = Runtime(services, self_service(services))
    if configuration.flag("watch-courier"):
        runtime.deliver = partial(deliver, lambda: runtime.services.mail)
    return runtime


async def rebuild(runtime: Runtime, configuration: Configuration) -> None:
    """Builds everything but the database anew and swaps it in; requests under way keep what they began with.

    Raises:
        SchemaRefused: when an identity schema cannot be used; nothing has changed then.
    """
    # Aside, since what the configuration points to may take its time to answer.
    services = await asyncio.to_thread(build_services, configuration, runtime.services.database, runtime.services.clock)
    for old in runtime.retired:
        await old.jsonnet.close()
        await old.outbound.close()
    runtime.retired = [runtime.services]
    runtime.services, runtime.selfservice = services, self_service(services)


def build_services(
    configuration: Configuration, database: Database | None = None, clock: Clock = times.system_clock
) -> Services:
    """Everything below the flows."""
    database = recorded(database or open_database(configuration.text("dsn") or ""), configuration.flag("audit.enabled"))
    outbound = build_outbound(configuration)
    schemas = build_schemas(configuration)
    jsonnet, read = JsonnetPool(), reader(outbound)
    factors = build_factors(configuration)
    store = Identities(database, canonical, normalize.address, lambda identity: available_aal(identity, factors))
    hashing = HashingPool(build_hasher(configuration))
    cipher = build_cipher(configuration.cipher_algorithm, configuration.texts("secrets.cipher"))
    return Services(
        configuration=configuration,
        clock=clock,
        database=database,
        identities=store,
        manager=IdentityManager(schemas, store, clock, factors),
        sessions=Sessions(database),
        flows=Flows(database, cipher),
        errors=ErrorPages(database),
        continuity=Continuity(database),
        codes=Codes(database),
        exchanges=Exchanges(database),
        hook_calls=HookCalls(database, cipher),
        once=Once(database),
        schemas=schemas,
        hashing=hashing,
        policy=build_policy(configuration, outbound, hashing.hasher.longest),
        cipher=cipher,
        cookie_keys=Keys(configuration.secrets("cookie")),
        default_keys=Keys(configuration.secrets("default")),
        page_keys=Keys(configuration.secrets("pagination")),
        outbound=outbound,
        admin_keys=StoredAdminKeys(database),
        attempts=Attempts(database),
        api_keys=ApiKeys(database),
        mail=build_mail(configuration, database, outbound, jsonnet, clock),
        jsonnet=jsonnet,
        tokenizer=build_tokenizer(configuration, read, jsonnet, clock),
        read_uri=read,
        wall=device_time(clock),
    )


def device_time(clock: Clock) -> Clock:
    """The time that codes of authenticator apps go by: never held back after the machine's clock was set back."""
    return clock.believed if isinstance(clock, SteadyClock) else clock


def build_schemas(configuration: Configuration) -> SchemaRegistry:
    """The identity schemas, all of them compiled."""
    entries = [
        SchemaEntry(str(entry["id"]), str(entry["url"]), bool(entry.get("selfservice_selectable")))
        for entry in configuration.items("identity.schemas")
    ]
    registry = SchemaRegistry(
        entries, configuration.text("identity.default_schema_id") or "default", partial(read_now, configuration)
    )
    registry.load_all()
    return registry


def build_tokenizer(
    configuration: Configuration, read: Callable[[str], Awaitable[bytes]], jsonnet: JsonnetPool, clock: Clock
) -> Tokenizer:
    """What turns sessions into signed tokens."""
    templates = {
        name: Template(
            jwks_url=str(entry["jwks_url"]),
            claims_mapper_url=str(entry.get("claims_mapper_url") or ""),
            # Without a time to live a token ends as it begins; Kratos does the same.
            ttl=measures.duration(str(entry.get("ttl") or "0s")),
            subject_source=str(entry.get("subject_source") or "id"),
        )
        for name, entry in configuration.section("session.whoami.tokenizer.templates").items()
    }
    return Tokenizer(templates, read, jsonnet, clock, configuration.public_base_url)


def build_factors(configuration: Configuration) -> Factors:
    """What the configuration makes of one-time codes."""
    return Factors(
        code_is_first=configuration.flag("selfservice.methods.code.passwordless_enabled"),
        code_is_second=configuration.flag("selfservice.methods.code.mfa_enabled"),
    )


def build_hasher(configuration: Configuration) -> Hasher:
    """What new passwords are hashed with."""
    if configuration.text("hashers.algorithm") == "argon2":
        return Argon2Hasher(
            memory=configuration.size("hashers.argon2.memory") // _KIBIBYTE,
            iterations=configuration.integer("hashers.argon2.iterations"),
            parallelism=configuration.integer("hashers.argon2.parallelism"),
            salt_length=configuration.integer("hashers.argon2.salt_length"),
            key_length=configuration.integer("hashers.argon2.key_length"),
        )
    cost = configuration.integer("hashers.bcrypt.cost")
    return BcryptHasher(cost if configuration.dev else max(cost, 12))


def build_policy(configuration: Configuration, outbound: OutboundClient, longest: int) -> PasswordPolicy:
    """What new passwords must fulfil."""
    key = "selfservice.methods.password.config"
    asks = bool(configuration.get(f"{key}.haveibeenpwned_enabled", True))
    # Whoever switches the look into breaches off wants such passwords, unless they say more.
    common = configuration.get(f"{key}.common_passwords_enabled", asks and not configuration.dev)
    breached = BreachedPasswords(
        outbound,
        configuration.text(f"{key}.haveibeenpwned_host") or "",
        configuration.integer(f"{key}.max_breaches"),
        configuration.get(f"{key}.ignore_network_errors", True),
    )
    return PasswordPolicy(
        configuration.integer(f"{key}.min_password_length"),
        configuration.get(f"{key}.identifier_similarity_check_enabled", True),
        breached if asks else None,
        max_length=longest,
        common=CommonPasswords() if common else None,
    )
