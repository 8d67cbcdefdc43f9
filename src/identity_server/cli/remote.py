"""``kratos remote status|version``."""

import click

from identity_server.cli.admin_api import AdminApi, endpoint
from identity_server.cli.failures import CommandFailed
from identity_server.cli.output import Table, Writer, output_format


@click.command()
@endpoint
@output_format
def status(api: AdminApi, writer: Writer) -> int:
    """Whether a running server is alive, and ready for requests."""
    alive, ready = _answers(api, "/admin/health/alive"), _answers(api, "/admin/health/ready")
    table = Table(("ALIVE", "READY"), [[str(alive).lower(), str(ready).lower()]], single=True)
    writer.write({"alive": alive, "ready": ready}, table, [])
    return 0 if alive and ready else 1


def _answers(api: AdminApi, path: str) -> bool:
    try:
        api.call("GET", path)
    except CommandFailed as error:
        click.echo(error.message, err=True)
        return False
    return True


@click.command()
@endpoint
@output_format
def version(api: AdminApi, writer: Writer) -> int:
    """The version of a running server."""
    found = str(api.call("GET", "/admin/version")[0].get("version", ""))
    writer.write({"version": found}, Table(("VERSION",), [[found]], single=True), [found])
    return 0
