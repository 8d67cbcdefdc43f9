"""``kratos identities import``."""

from typing import Any

import click

from identity_server.cli.admin_api import AdminApi, endpoint
from identity_server.cli.failures import CommandFailed
from identity_server.cli.identity_files import read_identities
from identity_server.cli.identity_rows import show_many, show_one
from identity_server.cli.output import Writer, output_format


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]…")
@endpoint
@output_format
def import_identities(files: tuple[str, ...], api: AdminApi, writer: Writer) -> int:
    """Create identities from JSON files, or from standard input.

    A file holds one body of POST /admin/identities, or a list of them. What the server refuses is told on standard
    error; the others are created.
    """
    created: list[dict[str, Any]] = []
    failed = False
    # All files are read first: a broken one must not leave half of the work done.
    for source, identity in list(read_identities(files)):
        try:
            created.append(api.call("POST", "/admin/identities", identity)[0])
        except CommandFailed as error:
            failed = True
            click.echo(f"{source}: {error.message}", err=True)
    if len(created) == 1:
        show_one(writer, created[0])
    else:
        show_many(writer, created)
    return 1 if failed else 0
