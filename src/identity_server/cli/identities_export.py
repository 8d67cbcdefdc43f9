"""``kratos identities export``."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from identity_server.cli.database import explained
from identity_server.cli.direct import load_configuration, opened_services
from identity_server.cli.failures import CommandFailed
from identity_server.cli.options import config_files
from identity_server.cli.progress import Progress

if TYPE_CHECKING:
    from identity_server.storage.port import Database


@click.command()
@config_files
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file. [default: standard output]"
)
@click.option("--with-credentials", is_flag=True, help="With hashes, keys and secrets; keep such a file safe.")
@click.option("--kratos-tables", is_flag=True, help="Those in tables of Ory Kratos that a migration has set aside.")
@click.option("--missing", is_flag=True, help="With --kratos-tables: only those that are not imported yet.")
def export_identities(
    files: tuple[str, ...], output: Path | None, with_credentials: bool, kratos_tables: bool, missing: bool
) -> int:
    """Write every identity of the configuration's database as a line of JSON.

    "kratos identities import -c FILE" takes the lines back with their ids, times and addresses, into this database or
    another one. Secrets that are encrypted in the database are in clear text in an export with credentials.
    """
    if missing and not kratos_tables:
        raise CommandFailed("--missing goes with --kratos-tables.")
    configuration = load_configuration(files)

    async def work(stream: IO[bytes]) -> int:
        from identity_server.transfer.exporting import Export, Sealed

        progress, count = Progress(), 0
        async with opened_services(configuration) as services:
            if kratos_tables:
                pages = _of_kratos(services.database, with_credentials=with_credentials, missing_only=missing)
            else:
                pages = Export(services.database, services.cipher, services.public_url, with_credentials).pages()
            try:
                async for lines in pages:
                    stream.write("".join(f"{line}\n" for line in lines).encode())
                    count += len(lines)
                    progress.show(count, 0)
            except Sealed as error:
                said = "has a secret that no secret of secrets.cipher opens; add the one it was encrypted with"
                raise CommandFailed(f"The identity {error} {said}.") from None
        stream.flush()
        progress.clear()
        return count

    with explained(configuration.text("dsn") or ""):
        try:
            count = _written(output, lambda stream: asyncio.run(work(stream)))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    click.echo(f"{count} identities exported", err=True)
    return 0


async def _of_kratos(database: "Database", *, with_credentials: bool, missing_only: bool) -> AsyncIterator[list[str]]:
    from identity_server.transfer import kratos_tables

    if not await kratos_tables.are_there(database):
        raise CommandFailed("No tables of Ory Kratos are set aside here; 'migrate sql --set-aside-kratos' does that.")
    async for lines in kratos_tables.pages(database, with_credentials=with_credentials, missing_only=missing_only):
        yield lines


def _written(output: Path | None, work: Callable[[IO[bytes]], int]) -> int:
    """What the work returns on a file that only its owner can read, or on standard output."""
    if output is None:
        return work(sys.stdout.buffer)
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandFailed(f"{output} exists already; name a new file.") from None
    except OSError as error:
        raise CommandFailed(f"{output} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as stream:
        try:
            return work(stream)
        except BaseException:
            output.unlink(missing_ok=True)
            raise
