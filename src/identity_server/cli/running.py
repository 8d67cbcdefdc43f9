"""Runs what serves until a signal ends it."""

from collections.abc import Callable

from identity_server.cli.failures import CommandFailed, configuration_failed
from identity_server.configuration.problems import ConfigurationError


def run_server(start: Callable[[], int]) -> int:
    """The exit status of ``start``; what keeps it from starting becomes a sentence.

    Raises:
        CommandFailed: when the configuration or the database cannot be used, or an address is taken.
    """
    from identity_server.errors import StorageError
    from identity_server.storage.dsn import BadDSN

    try:
        return start()
    except ConfigurationError as error:
        raise configuration_failed(error.lines()) from None
    except BadDSN as error:
        raise configuration_failed([f"dsn: {error}"]) from None
    except StorageError as error:
        raise CommandFailed(f"The database cannot be used: {error}") from None
    except OSError as error:
        raise CommandFailed(f"The server cannot start: {error}") from None
