"""Everything that is looked at, in its order."""

from collections.abc import Sequence

from identity_server.configuration import Configuration, ConfigurationError, production
from identity_server.diagnosis import database, mail_server, secret_strength
from identity_server.diagnosis.finding import Finding
from identity_server.schema.errors import SchemaRefused, UnknownSchema
from identity_server.server_process import read_configuration
from identity_server.storage.dsn import BadDSN
from identity_server.storage.opening import open_database
from identity_server.times import Clock
from identity_server.wiring import build_schemas

_LATER = ("identity schemas", "database", "migrations", "clock", "mail", "secrets")
_SECRETS = ("default", "cookie", "cipher", "pagination")


async def examine(files: Sequence[str], clock: Clock, *, dev: bool = False) -> list[Finding]:
    """All findings about the server of a configuration."""
    try:
        configuration = read_configuration(files, dev=dev)
    except ConfigurationError as error:
        found = [Finding("configuration", "wrong", line) for line in error.lines()]
        return [*found, *(Finding(check, "skipped", "The configuration must be right first.") for check in _LATER)]
    return [
        *_configuration(configuration),
        _schemas(configuration),
        *await _database(configuration, clock),
        await mail_server.finding(configuration, clock),
        *secret_strength.findings(
            {kind: configuration.texts(f"secrets.{kind}") for kind in _SECRETS}, dev=configuration.dev
        ),
    ]


def _configuration(configuration: Configuration) -> list[Finding]:
    try:
        production.refuse_unsafe(configuration)
    except ConfigurationError as error:
        return [Finding("configuration", "wrong", line) for line in error.lines()]
    if configuration.dev:
        return [Finding("configuration", "warning", "The server is for development: cheap hashes, no guessing limits.")]
    return [Finding("configuration", "ok", "The server would start with it.")]


def _schemas(configuration: Configuration) -> Finding:
    try:
        registry = build_schemas(configuration)
    except (SchemaRefused, UnknownSchema) as error:
        return Finding("identity schemas", "wrong", str(error))
    return Finding("identity schemas", "ok", f"{', '.join(registry.ids())} can be used.")


async def _database(configuration: Configuration, clock: Clock) -> list[Finding]:
    try:
        opened = open_database(configuration.text("dsn") or "")
    except BadDSN as error:
        return [Finding("database", "wrong", f"dsn: {error}.")]
    try:
        return [finding async for finding in database.findings(opened, clock)]
    finally:
        await opened.close()
