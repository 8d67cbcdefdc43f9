"""``kratos migrate sql``."""

import time

import click

from identity_server.cli.database import explained, find_dsn
from identity_server.cli.options import config_files, dsn_argument, read_from_env, yes
from identity_server.cli.output import Table, Writer, output_format
from identity_server.storage import migrate

_POLL_SECONDS = 1.0


class _Sql(click.Group):
    """``migrate sql up``, ``down``, ``status``, ``tables``; bare ``migrate sql [DSN]`` is the older name of ``up``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = [text for text in args if text in self.commands]
        if names:
            position = args.index(names[0])
            args = [names[0], *args[:position], *args[position + 1 :]]
        elif not {"-h", "--help"} & set(args):
            args = ["up", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Sql, context_settings={"help_option_names": ["-h", "--help"]})
def sql() -> None:
    """Bring the database up to date, take migrations back, or show where it stands.

    Without a command it is "up".
    """


@sql.command()
@dsn_argument
@config_files
@read_from_env(False)
@yes
@click.option("--set-aside-kratos", is_flag=True, help="Move tables of Ory Kratos into the schema ory_kratos.")
def up(dsn: str | None, files: tuple[str, ...], read_from_env: bool, yes: bool, set_aside_kratos: bool) -> int:
    """Apply what is missing. May be repeated, and may run in several places at once."""
    name = find_dsn(dsn, files, from_environment=read_from_env)
    with explained(name):
        if not yes:
            pending = [row for row in migrate.status(name) if row[2] == "pending"]
            if not pending:
                click.echo("The database is up to date.")
                return 0
            for version, title, _ in pending:
                click.echo(f"{version}  {title}")
            click.confirm(f"Apply these {len(pending)} migrations?", abort=True)
        applied = migrate.up(name, set_aside=set_aside_kratos)
    click.echo(f"Applied: {', '.join(applied)}." if applied else "The database was up to date already.")
    return 0


@sql.command()
@dsn_argument
@config_files
@read_from_env(False)
@yes
@click.option("--steps", type=click.IntRange(0), default=0, show_default=True, help="How many migrations to take back.")
def down(dsn: str | None, files: tuple[str, ...], read_from_env: bool, yes: bool, steps: int) -> int:
    """Take back the last migrations. Loses the data that they made room for."""
    name = find_dsn(dsn, files, from_environment=read_from_env)
    if steps == 0:
        click.echo("Nothing to do: say how many migrations to take back with --steps.")
        return 0
    with explained(name):
        if not yes:
            applied = [row for row in migrate.status(name) if row[2] == "applied"][-steps:]
            for version, title, _ in reversed(applied):
                click.echo(f"{version}  {title}")
            click.confirm(f"Take these {len(applied)} migrations back, with their data?", abort=True)
        taken = migrate.down(name, steps)
    click.echo(f"Taken back: {', '.join(taken)}." if taken else "There was nothing to take back.")
    return 0


@sql.command()
@dsn_argument
@config_files
@read_from_env(False)
@click.option("--block", is_flag=True, help="Wait until nothing is left to apply.")
@output_format
def status(dsn: str | None, files: tuple[str, ...], read_from_env: bool, block: bool, writer: Writer) -> int:
    """Show every migration and whether it is applied."""
    name = find_dsn(dsn, files, from_environment=read_from_env)
    with explained(name):
        rows = migrate.status(name)
        while block and any(row[2] == "pending" for row in rows):
            time.sleep(_POLL_SECONDS)
            rows = migrate.status(name)
    data = [{"version": version, "name": title, "status": state} for version, title, state in rows]
    writer.write(data, Table(("VERSION", "NAME", "STATUS"), [list(row) for row in rows]), [row[0] for row in rows])
    return 0


@sql.command()
@dsn_argument
@config_files
@read_from_env(False)
@click.option("--taken-over", is_flag=True, help="Note that all identities of the tables set aside are stored.")
@output_format
def tables(dsn: str | None, files: tuple[str, ...], read_from_env: bool, taken_over: bool, writer: Writer) -> int:
    """Show whose tables the database holds, and change none of them.

    "none", "ours", or "kratos": those of Ory Kratos, which "up" leaves alone unless told to set them aside.
    """
    name = find_dsn(dsn, files, from_environment=read_from_env)
    with explained(name):
        if taken_over:
            migrate.note_taken_over(name)
        found = migrate.contents(name)
    data = {"tables": found.tables, "pending": found.pending, "set_aside": found.set_aside}
    writer.write(
        data, Table(("TABLES", "PENDING", "SET ASIDE"), [[str(each) for each in data.values()]]), [found.tables]
    )
    return 0
