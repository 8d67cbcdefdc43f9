"""The process behind ``kratos serve`` and ``kratos courier watch``: from arguments to an exit status."""

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Generator, Sequence

from identity_server import logs
from identity_server.configuration import Configuration, embedded, load, production


def read_configuration(files: Sequence[str], *, dev: bool = False, watch_courier: bool = False) -> Configuration:
    """The configuration of a process: files, environment, flags, and defaults of its own where there is nothing.

    Raises:
        ConfigurationError: with everything that is wrong.
    """
    flags = {name: True for name, given in (("dev", dev), ("watch-courier", watch_courier)) if given}
    base = embedded.layer(os.environ) if embedded.wanted(files, os.environ) else None
    return load(files, os.environ, flags, base=base)


def run(files: list[str], parts: set[str], dev: bool = False, watch_courier: bool = False) -> int:
    """Serves until SIGTERM or SIGINT; the exit status."""

    def again() -> Configuration:
        return read_configuration(files, dev=dev, watch_courier=watch_courier)

    def work(configuration: Configuration) -> int:
        with lasting():
            from identity_server import serving

        text = serving.welcome(configuration) if embedded.wanted(files, os.environ) else ""
        return serving.serve(serving.Start(configuration, files, again, parts, text))

    return _guarded(again, work)


def watch_courier(files: list[str], dev: bool = False, metrics_port: int = 0) -> int:
    """Delivers messages until SIGTERM or SIGINT; the exit status."""

    def work(configuration: Configuration) -> int:
        with lasting():
            from identity_server import courier_process

        return courier_process.watch(configuration, metrics_port or configuration.integer("expose-metrics-port"))

    return _guarded(lambda: read_configuration(files, dev=dev, watch_courier=True), work)


@contextlib.contextmanager
def lasting() -> Generator[None]:
    """For what lives as long as the process: it is not searched for garbage while it is made, nor ever after.

    Python looks for garbage each time so many objects are new; while modules load, that is a fifth of the time and
    finds nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _guarded(read: Callable[[], Configuration], work: Callable[[Configuration], int]) -> int:
    """Runs a process; what keeps it from starting is told by the command line in clear lines."""
    from identity_server.schema.errors import SchemaRefused, UnknownSchema

    try:
        configuration = read()
        production.refuse_unsafe(configuration)
        writer = logs.configure(
            configuration.text("log.level") or "info",
            configuration.text("log.format"),
            configuration.text("log.redaction_text"),
        )
        status = work(configuration)
    except (SchemaRefused, UnknownSchema) as error:
        sys.stderr.write(f"kratos: {error}\n")
        return 1
    writer.flush()
    return status
