"""Which database a command works on, and what it says when that fails."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from identity_server.cli.failures import CommandFailed, configuration_failed
from identity_server.configuration.problems import ConfigurationError


def find_dsn(given: str | None, files: Sequence[str], *, from_environment: bool) -> str:
    """The data source name: an argument, the environment's ``DSN``, or the configuration's ``dsn``.

    Nothing else of the configuration is looked at, so that a database can be prepared for a configuration that does
    not fit this release.

    Raises:
        CommandFailed: when nobody named a database.
    """
    if given and not from_environment:
        return given
    from identity_server.configuration.layers import combine
    from identity_server.configuration.loading import layers

    try:
        values, _ = combine(layers(files, os.environ))
    except ConfigurationError as error:
        raise configuration_failed(error.lines()) from None
    found = values.get("dsn") or given
    if isinstance(found, str) and found:
        return found
    raise CommandFailed(
        "No database is named. Name one in the environment variable DSN, or as dsn in a configuration file (-c FILE), "
        "and call with -e; or give it as an argument: sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME."
    )


@contextmanager
def explained(dsn: str) -> Generator[None]:
    """Turns errors of the database into one sentence, without its password."""
    from identity_server.configuration.secrecy import hidden
    from identity_server.errors import StorageError
    from identity_server.storage.dsn import BadDSN

    try:
        yield
    except BadDSN as error:
        raise CommandFailed(f"The data source name cannot be used: {error}") from None
    except StorageError as error:
        shown = hidden(("dsn",), dsn)
        raise CommandFailed(f"The database {shown} cannot be used: {_without(str(error), dsn)}") from None


def _without(text: str, dsn: str) -> str:
    """A driver may quote what it was given."""
    return text.replace(dsn, "(its address)") if dsn != "memory" else text
