"""Flags that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def config_files(command: F) -> F:
    """``-c FILE``, as often as there are files."""
    option = click.option(
        "-c",
        "--config",
        "files",
        multiple=True,
        metavar="FILE",
        help="Configuration file (.yaml, .json, .toml); may be given again, later files go over earlier ones.",
    )
    return option(command)


def dsn_argument(command: F) -> F:
    """The database as an argument, for those who do not mind that other users of the machine can read it."""
    return click.argument("dsn", required=False, metavar="[DSN]")(command)


def read_from_env(default: bool) -> Callable[[F], F]:
    """``-e``: the database from the environment or the configuration."""

    def decorate(command: F) -> F:
        return click.option(
            "-e",
            "--read-from-env",
            is_flag=True,
            default=default,
            help="Take the database from the environment's DSN, or from the configuration file's dsn.",
        )(command)

    return decorate


def yes(command: F) -> F:
    """``--yes``: no question."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask.")(command)
