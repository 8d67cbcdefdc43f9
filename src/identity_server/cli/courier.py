"""``kratos courier watch``."""

from importlib import import_module

import click

from identity_server.cli.options import config_files
from identity_server.cli.running import run_server


@click.command()
@config_files
@click.option("--dev", is_flag=True, help="For development.")
@click.option(
    "--expose-metrics-port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Answer /metrics/prometheus at this port; 0 for no metrics.",
)
def watch(files: tuple[str, ...], dev: bool, expose_metrics_port: int) -> int:
    """Deliver queued messages until a signal ends it."""
    process = import_module("identity_server.server_process")
    return run_server(lambda: process.watch_courier(list(files), dev, expose_metrics_port))
