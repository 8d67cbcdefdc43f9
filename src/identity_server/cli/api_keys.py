"""``kratos api-keys create|list|revoke``: keys that machine identities sign in with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click

from identity_server.cli.admin_api import AdminApi, endpoint, segment
from identity_server.cli.output import Table, Writer, output_format
from identity_server.cli.parameters import DURATION
from identity_server.configuration import measures

_HEADERS = ("ID", "NAME", "CREATED AT", "EXPIRES AT", "LAST USED AT")


def _row(key: Mapping[str, Any]) -> list[str]:
    ends, used = key.get("expires_at") or "never", key.get("last_used_at") or "never"
    return [str(key.get("id")), str(key.get("name") or ""), str(key.get("created_at")), ends, used]


def _folder(identity: str) -> str:
    return f"/admin/identities/{segment(identity)}/api_keys"


@click.command()
@click.argument("identity", metavar="ID")
@click.option("--name", default="", help="What it is for.")
@click.option("--expires-in", type=DURATION, help="When it stops working, such as 720h. [default: never]")
@endpoint
@output_format
def create(identity: str, name: str, expires_in: timedelta | None, api: AdminApi, writer: Writer) -> int:
    """Make a key for an identity and print it, this once."""
    body = {"name": name, **({"expires_in": measures.spell(expires_in)} if expires_in is not None else {})}
    made, _ = api.call("POST", _folder(identity), body)
    if writer.kind == "table" and not writer.quiet:
        click.echo(made["key"])
    else:
        writer.write(made, Table(_HEADERS, [_row(made)]), [str(made["id"])])
    click.echo("Keep the key now; it is not shown again.", err=True)
    return 0


@click.command("list")
@click.argument("identity", metavar="ID")
@endpoint
@output_format
def list_keys(identity: str, api: AdminApi, writer: Writer) -> int:
    """List the keys of an identity, without their secrets."""
    found, _ = api.call("GET", _folder(identity))
    writer.write(found, Table(_HEADERS, [_row(key) for key in found]), [str(key["id"]) for key in found])
    return 0


@click.command()
@click.argument("identity", metavar="ID")
@click.argument("key", metavar="KEY_ID")
@endpoint
def revoke(identity: str, key: str, api: AdminApi) -> int:
    """Take a key away, by its id. It stops working at once."""
    api.call("DELETE", f"{_folder(identity)}/{segment(key)}")
    click.echo(f"revoked {key}")
    return 0
