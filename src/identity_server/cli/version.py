"""``kratos version``."""

import json
from importlib.resources import files

import click

from identity_server.version import VERSION


@click.command()
def version() -> None:
    """Show this program's version.

    The image that carries the server adds commit and time of its build.
    """
    built = files("identity_server").joinpath("build.json")
    known: dict[str, str] = json.loads(built.read_text(encoding="utf-8")) if built.is_file() else {}
    click.echo(f"Version: {VERSION}")
    click.echo(f"Build Commit: {known.get('commit', 'unknown')}")
    click.echo(f"Build Timestamp: {known.get('timestamp', 'unknown')}")
