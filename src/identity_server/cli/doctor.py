"""``kratos doctor``."""

import asyncio

import click

from identity_server.cli.options import config_files
from identity_server.cli.output import Table, Writer, output_format


@click.command()
@config_files
@click.option("--dev", is_flag=True, help="As serve would have it.")
@output_format
def doctor(files: tuple[str, ...], dev: bool, writer: Writer) -> int:
    """Look at everything that a server needs: configuration, schemas, database, migrations, clock, mail, secrets.

    Nothing is changed and no mail is sent. Ends with status 1 when something is wrong; with -q only what is wrong is
    named. Warnings work, and should be changed.
    """
    from identity_server import times
    from identity_server.diagnosis.examination import examine

    found = asyncio.run(examine(files, times.system_clock, dev=dev))
    data = [{"check": each.check, "state": each.state, "detail": each.detail} for each in found]
    wrong = [each.check for each in found if each.state == "wrong"]
    rows = [[each.check, each.state, each.detail] for each in found]
    writer.write(data, Table(("CHECK", "STATE", "DETAIL"), rows), wrong)
    return 1 if wrong else 0
