"""``kratos identities import``: through a running server as Kratos does it, or in bulk into the database."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from identity_server.cli.admin_api import ADDRESS_VARIABLE, KEY_VARIABLE, AdminApi, connect
from identity_server.cli.failures import CommandFailed
from identity_server.cli.identity_files import read_identities
from identity_server.cli.identity_rows import show_many, show_one
from identity_server.cli.output import Writer, output_format

_FORMS = ("jsonl", "json", "csv", "keycloak")


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]…")
@click.option(
    "-e",
    "--endpoint",
    envvar=ADDRESS_VARIABLE,
    metavar="URL",
    help=f"The admin API's address; also in {ADDRESS_VARIABLE}. A key for it goes into {KEY_VARIABLE}.",
)
@click.option(
    "-c",
    "--config",
    "configs",
    multiple=True,
    metavar="FILE",
    help="Into the database of this configuration, directly.",
)
@click.option("--direct", is_flag=True, help="Into the database of the environment's configuration, directly.")
@click.option("--input-format", default="", metavar="FORM", help=f"One of {', '.join(_FORMS)}. [default: found out]")
@click.option("--schema-id", default="", help="The schema of rows that name none. [default: the configuration's]")
@click.option(
    "--trait", "traits", multiple=True, metavar="TRAIT=FIELD", help="Fill a trait from this column or Keycloak field."
)
@click.option("--drop-unsupported", is_flag=True, help="Take Keycloak's users without credentials of unknown kinds.")
@click.option("--dry-run", is_flag=True, help="Check every row, and store nothing.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write refused rows as JSON lines.")
@click.option("--restart", is_flag=True, help="Begin at the first row even if an import of this file was interrupted.")
@click.option("--resume-as", default="", metavar="NAME", help="What an import from a pipe is called, so it can go on.")
@output_format
def import_identities(
    files: tuple[str, ...],
    endpoint: str | None,
    configs: tuple[str, ...],
    direct: bool,
    writer: Writer,
    **bulk: Any,
) -> int:
    """Create identities from files, or from standard input ("-").

    Through a running server (--endpoint) a file is JSON: one body of POST /admin/identities, a list of them, or one a
    line. What the server refuses is told on standard error; the others are created.

    With -c or --direct one file of any size goes straight into the database, whether or not a server runs: JSON lines,
    a JSON list, a CSV table or a Keycloak realm export. What "kratos identities export" wrote comes back with its ids,
    times and credentials. Refused rows are told with their reasons and make the status 1. An import that was
    interrupted goes on when the same command is given again.
    """
    if configs or direct:
        if endpoint and _is_given("endpoint"):
            raise CommandFailed("Choose one way: --endpoint goes through a server, -c and --direct into its database.")
        command = import_module("identity_server.cli.identities_bulk")
        return int(command.run(files, configs, writer, **bulk))
    if given := [f"--{name.replace('_', '-')}" for name, value in bulk.items() if value]:
        raise CommandFailed(f"{given[0]} needs the way into the database: name a configuration with -c, or --direct.")
    return _through_server(files, connect(endpoint), writer)


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _through_server(files: tuple[str, ...], api: AdminApi, writer: Writer) -> int:
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
