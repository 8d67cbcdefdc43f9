"""The parts of a server without the server: for commands that work on the database of a configuration."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from identity_server.cli.failures import CommandFailed, configuration_failed

if TYPE_CHECKING:
    from identity_server.configuration import Configuration
    from identity_server.services import Services


def load_configuration(files: Sequence[str]) -> "Configuration":
    """The configuration as ``kratos serve`` would have it.

    Raises:
        CommandFailed: with everything that is wrong with it.
    """
    from identity_server.configuration import ConfigurationError
    from identity_server.server_process import read_configuration

    try:
        return read_configuration(files)
    except ConfigurationError as error:
        raise configuration_failed(error.lines()) from None


def _begin_trail(services: "Services") -> None:
    """What a command changes is told in the audit trail, when one is kept."""
    from identity_server import randomness
    from identity_server.audit import trail

    if services.recorder is not None:
        origin = trail.Origin(trail.COMMAND_LINE, "", "", randomness.new_id())
        trail.follow(trail.Trail(origin, services.clock, actor=trail.COMMAND_LINE))


@asynccontextmanager
async def opened_services(configuration: "Configuration") -> AsyncGenerator["Services"]:
    """The parts that requests need, around a database that is up to date.

    Raises:
        CommandFailed: when the configuration or a schema cannot be used, or the database is behind.
        StorageError: when the database cannot be reached.
    """
    from identity_server.configuration import ConfigurationError
    from identity_server.schema.errors import SchemaRefused, UnknownSchema
    from identity_server.storage import readiness
    from identity_server.wiring import build_services

    try:
        services = build_services(configuration)
    except ConfigurationError as error:
        raise configuration_failed(error.lines()) from None
    except (SchemaRefused, UnknownSchema) as error:
        raise CommandFailed(str(error)) from None
    try:
        if behind := await readiness.behind(services.database):
            raise CommandFailed(f"{behind[:1].upper()}{behind[1:]}")
        _begin_trail(services)
        yield services
    finally:
        await services.background.close()
        await services.jsonnet.close()
        await services.outbound.close()
        await services.database.close()
