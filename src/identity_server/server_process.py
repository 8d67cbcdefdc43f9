"""The process: loads the configuration, opens the listeners, ends when asked to."""

import os
import sys
from collections.abc import Sequence

from identity_server.configuration import Configuration, ConfigurationError, embedded, load


def read_configuration(files: Sequence[str], *, dev: bool = False, watch_courier: bool = False) -> Configuration:
    """The configuration of a process.

    Raises:
        ConfigurationError: with everything that is wrong.
    """
    flags = {"dev": True} if dev else {}
    if watch_courier:
        flags["watch-courier"] = True
    base = embedded.layer(os.environ) if embedded.wanted(files, os.environ) else None
    return load(files, os.environ, flags, base=base)


def run(files: Sequence[str], parts: set[str], dev: bool = False, watch_courier: bool = False) -> int:
    """Serves until SIGTERM or SIGINT; the exit status."""
    from identity_server.errors import StorageError
    from identity_server.schema.errors import SchemaRefused
    from identity_server.storage.dsn import BadDSN

    try:
        configuration = read_configuration(files, dev=dev, watch_courier=watch_courier)
        from identity_server import serving

        return serving.serve(configuration, parts, is_embedded=embedded.wanted(files, os.environ))
    except (ConfigurationError, SchemaRefused, BadDSN, StorageError) as error:
        sys.stderr.write(f"kratos: {error}\n")
        return 1
