"""``kratos serve``."""

from importlib import import_module

import click

from identity_server.cli.options import config_files
from identity_server.cli.running import run_server

_PARTS = {"all": {"public", "admin"}, "public": {"public"}, "admin": {"admin"}}


@click.command()
@click.argument("part", type=click.Choice(list(_PARTS)), default="all")
@config_files
@click.option("--dev", is_flag=True, help="For development: cookies without HTTPS, cheap hashes, no guessing limits.")
@click.option("--watch-courier", is_flag=True, help="Deliver messages from this process too.")
@click.option("--sqa-opt-out", is_flag=True, help="Accepted for compatibility; nothing is ever reported to anybody.")
def serve(part: str, files: tuple[str, ...], dev: bool, watch_courier: bool, sqa_opt_out: bool) -> int:
    """Run the server: both listeners, or the public or the admin one alone."""
    process = import_module("identity_server.server_process")
    return run_server(lambda: process.run(list(files), _PARTS[part], dev, watch_courier))
