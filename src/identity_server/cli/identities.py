"""``kratos identities get|list|delete|patch``."""

import json
import sys
from typing import Any

import click

from identity_server.cli.admin_api import AdminApi, endpoint, next_page_token, segment
from identity_server.cli.failures import CommandFailed
from identity_server.cli.identity_rows import show_many, show_one, show_page
from identity_server.cli.output import Table, Writer, output_format


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("-i", "--include-credentials", multiple=True, type=click.Choice(["oidc"]), help="Show tokens as well.")
@click.option("--external-id", is_flag=True, help="The ids are external ones.")
@endpoint
@output_format
def get_identity(
    ids: tuple[str, ...], include_credentials: tuple[str, ...], external_id: bool, api: AdminApi, writer: Writer
) -> int:
    """Show identities by their ids."""
    query = {"include_credential": "oidc"} if include_credentials else None
    folder = "/admin/identities/by/external/" if external_id else "/admin/identities/"
    found: list[dict[str, Any]] = []
    failed = False
    for one in ids:
        try:
            found.append(api.call("GET", folder + segment(one), query=query)[0])
        except CommandFailed as error:
            failed = True
            click.echo(f"{one}: {error.message}", err=True)
    if len(found) == 1 and len(ids) == 1:
        show_one(writer, found[0])
    elif found:
        show_many(writer, found)
    return 1 if failed else 0


@click.command()
@click.option("--page-size", type=click.IntRange(1, 1000), default=100, show_default=True, help="How many to list.")
@click.option("--page-token", default="", help="Where to go on; the command prints it with every page.")
@click.option(
    "--consistency",
    type=click.Choice(["", "strong", "eventual"]),
    default="",
    help="Accepted for compatibility; lists are always strong.",
)
@endpoint
@output_format
def list_identities(page_size: int, page_token: str, consistency: str, api: AdminApi, writer: Writer) -> int:
    """List identities, page by page."""
    query = {"page_size": str(page_size), **({"page_token": page_token} if page_token else {})}
    found, headers = api.call("GET", "/admin/identities", query=query)
    show_page(writer, found, next_page_token(headers) if len(found) == page_size else "")
    return 0


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@endpoint
@output_format
def delete_identity(ids: tuple[str, ...], api: AdminApi, writer: Writer) -> int:
    """Delete identities by their ids. What belongs to them is deleted too."""
    deleted: list[str] = []
    for one in ids:
        try:
            api.call("DELETE", "/admin/identities/" + segment(one))
            deleted.append(one)
        except CommandFailed as error:
            click.echo(f"{one}: {error.message}", err=True)
    if deleted:
        data: Any = deleted[0] if len(deleted) == 1 else deleted
        writer.write(data, Table(("ID",), [[one] for one in deleted], single=True), deleted)
    return 0 if len(deleted) == len(ids) else 1


@click.command()
@click.argument("identity", metavar="ID")
@click.argument("file", required=False, type=click.File("r"))
@endpoint
@output_format
def patch_identity(identity: str, file: Any, api: AdminApi, writer: Writer) -> int:
    """Change an identity with a JSON patch (RFC 6902) from FILE or standard input."""
    text = (file or sys.stdin).read()
    try:
        steps = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"The patch is not JSON: {error}") from None
    if not isinstance(steps, list):
        raise CommandFailed('A patch is a list: [{"op": "replace", "path": "/traits/email", "value": "a@b.test"}]')
    show_one(writer, api.call("PATCH", "/admin/identities/" + segment(identity), steps)[0])
    return 0
