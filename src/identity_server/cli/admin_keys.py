"""``kratos admin-keys``: keys for the admin API."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from identity_server.cli.database import explained, find_dsn
from identity_server.cli.failures import CommandFailed
from identity_server.cli.options import config_files, dsn_argument, read_from_env
from identity_server.cli.output import Table, Writer, output_format
from identity_server.cli.parameters import DURATION

if TYPE_CHECKING:
    from identity_server.access.keys import AdminKey

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
_SCOPE = re.compile(r"^([a-z_]+:)?(read|write)$")
_COLUMNS = ("NAME", "SCOPES", "CREATED AT", "EXPIRES AT")


def _with_store(dsn: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
    from identity_server.storage.admin_keys import StoredAdminKeys
    from identity_server.storage.opening import open_database

    async def run() -> Any:
        database = open_database(dsn)
        try:
            return await work(StoredAdminKeys(database))
        finally:
            await database.close()

    with explained(dsn):
        return asyncio.run(run())


def _checked(pattern: re.Pattern[str], text: str, allowed: str) -> str:
    if not pattern.match(text):
        raise CommandFailed(f"{text!r} cannot be used; allowed: {allowed}")
    return text


@click.command()
@click.argument("name")
@dsn_argument
@config_files
@read_from_env(True)
@click.option("--scope", "scopes", multiple=True, help="read, write, or RESOURCE:read. Repeatable. [default: both]")
@click.option("--expires-in", type=DURATION, help="When it stops working, such as 720h. [default: never]")
def create(
    name: str,
    dsn: str | None,
    files: tuple[str, ...],
    read_from_env: bool,
    scopes: Sequence[str],
    expires_in: timedelta | None,
) -> int:
    """Make a key and print it, this once."""
    from identity_server import times
    from identity_server.access import keys
    from identity_server.errors import Conflict

    allowed = "up to 64 letters, digits, dots, underscores and hyphens"
    scopes = [_checked(_SCOPE, scope, "read, write, RESOURCE:read, RESOURCE:write") for scope in scopes]
    now = times.text(times.system_clock())
    key = keys.new_key()
    made = keys.AdminKey(
        _checked(_NAME, name, allowed),
        keys.digest(key),
        tuple(scopes) or keys.EVERYTHING,
        times.after(now, expires_in) if expires_in else None,
        now,
    )

    async def add(store: Any) -> None:
        try:
            await store.add(made)
        except Conflict as error:
            text = f"There is a key called {name} already; revoke it first, or choose another name."
            raise CommandFailed(text) from error

    _with_store(find_dsn(dsn, files, from_environment=read_from_env and not dsn), add)
    click.echo(key)
    click.echo("Keep it now; it is not shown again.", err=True)
    return 0


@click.command("list")
@dsn_argument
@config_files
@read_from_env(True)
@output_format
def list_keys(dsn: str | None, files: tuple[str, ...], read_from_env: bool, writer: Writer) -> int:
    """List the keys of the database; keys of the configuration are not in it."""
    dsn = find_dsn(dsn, files, from_environment=read_from_env and not dsn)
    found: list[AdminKey] = _with_store(dsn, lambda store: store.all())
    rows = [
        {"name": key.name, "scopes": list(key.scopes), "created_at": key.created_at, "expires_at": key.expires_at}
        for key in found
    ]
    table = [(key.name, ", ".join(key.scopes), key.created_at, key.expires_at or "never") for key in found]
    writer.write(rows, Table(_COLUMNS, table), [key.name for key in found])
    return 0


@click.command()
@click.argument("name")
@dsn_argument
@config_files
@read_from_env(True)
def revoke(name: str, dsn: str | None, files: tuple[str, ...], read_from_env: bool) -> int:
    """Remove a key; servers stop taking it within a second."""
    dsn = find_dsn(dsn, files, from_environment=read_from_env and not dsn)
    if not _with_store(dsn, lambda store: store.revoke(name)):
        raise CommandFailed(f"There is no key called {name}.")
    click.echo(f"revoked {name}")
    return 0
