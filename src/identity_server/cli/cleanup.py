"""``kratos cleanup sql``."""

import os
from datetime import timedelta
from importlib import import_module

import click

from identity_server.cli.database import explained, find_dsn
from identity_server.cli.options import config_files, dsn_argument, read_from_env
from identity_server.cli.parameters import DURATION
from identity_server.configuration import cleanup as keys


@click.command()
@dsn_argument
@config_files
@read_from_env(True)
@click.option("--database.cleanup.sleep.tables", "pause", type=DURATION, help="Pause between tables. [default: 1m]")
@click.option(
    "-b", "--database.cleanup.batch-size", "batch", type=click.IntRange(1), help="Rows of one statement. [default: 100]"
)
@click.option("--keep-last", "keep", type=DURATION, help="Keep what has expired more recently. [default: 0s]")
def sql(
    dsn: str | None,
    files: tuple[str, ...],
    read_from_env: bool,
    pause: timedelta | None,
    batch: int | None,
    keep: timedelta | None,
) -> int:
    """Remove what has expired: sessions, flows, codes; delivered messages after 30 days, the audit trail after
    a year or what the configuration says."""
    name = find_dsn(dsn, files, from_environment=read_from_env and not dsn)
    settings = _settings(files)
    cleanup = import_module("identity_server.storage.cleanup")
    with explained(name):
        removed: dict[str, int] = cleanup.run(
            name,
            batch_size=batch if batch is not None else int(settings[keys.BATCH]),
            pause=pause if pause is not None else DURATION.read(settings[keys.PAUSE]),
            keep_last=keep if keep is not None else DURATION.read(settings[keys.KEEP]),
            audit_retention=DURATION.read(settings[keys.RETENTION]),
            guesses_count=max(DURATION.read(settings[limit]) for limit in keys.GUESSING),
        )
    for table, count in removed.items():
        click.echo(f"{table}: {count} removed")
    return 0


def _settings(files: tuple[str, ...]) -> dict[str, str]:
    """What the configuration says about cleaning up, whatever else is wrong with it."""
    from identity_server.configuration import defaults
    from identity_server.configuration.layers import combine
    from identity_server.configuration.loading import layers
    from identity_server.configuration.tree import split

    values, _ = combine(layers(files, os.environ))
    found: dict[str, str] = {}
    for key in (keys.PAUSE, keys.BATCH, keys.KEEP, keys.RETENTION, *keys.GUESSING):
        value: object = values
        for part in split(key):
            value = value.get(part) if isinstance(value, dict) else None
        found[key] = str(value if value is not None else defaults.of(split(key)))
    return found
