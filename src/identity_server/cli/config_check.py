"""``kratos config check``."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import click

from identity_server.cli.failures import configuration_failed
from identity_server.cli.options import config_files
from identity_server.cli.output import Table, Writer, output_format
from identity_server.configuration import ConfigurationError, embedded, load, production
from identity_server.configuration.layers import Origins
from identity_server.configuration.tree import Path


@click.command()
@config_files
@click.option("--dev", is_flag=True, help="As serve would have it.")
@click.option("--all", "everything", is_flag=True, help="Show defaults too.")
@output_format
def check(files: tuple[str, ...], dev: bool, everything: bool, writer: Writer) -> int:
    """Check the configuration as "serve" would, and show every value with where it came from.

    Secrets are not shown. Ends with status 1 and every reason when the server would not start.
    """
    try:
        base = embedded.layer(os.environ) if embedded.wanted(files, os.environ) else None
        found = load(files, os.environ, {"dev": True} if dev else {}, base=base)
        production.refuse_unsafe(found)
    except ConfigurationError as error:
        raise configuration_failed(error.lines()) from None
    values = [
        {"key": ".".join(path), "value": value, "source": source}
        for path, value, source in _leaves(found.with_secrets_hidden(), found.origins)
        if everything or source != "default"
    ]
    rows = [[row["key"], _text(row["value"]), row["source"]] for row in values]
    writer.write(values, Table(("KEY", "VALUE", "SOURCE"), rows), [str(row["key"]) for row in values])
    return 0


def _leaves(values: Mapping[str, Any], origins: Origins, path: Path = ()) -> Iterator[tuple[Path, Any, str]]:
    for name, value in values.items():
        key = (*path, name)
        if isinstance(value, dict) and value:
            yield from _leaves(value, origins, key)
        else:
            yield key, value, origins.of(key)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
