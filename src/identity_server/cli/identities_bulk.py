"""What ``kratos identities import`` does with a database at hand."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from identity_server.cli.database import explained
from identity_server.cli.direct import load_configuration, opened_services
from identity_server.cli.failures import CommandFailed
from identity_server.cli.output import Table, Writer
from identity_server.cli.progress import Progress
from identity_server.configuration import Configuration
from identity_server.schema.errors import UnknownSchema
from identity_server.services import Services
from identity_server.storage.bulk_import import BulkStore
from identity_server.transfer.importing import Import, Tally
from identity_server.transfer.report import Report
from identity_server.transfer.restoring import Restorer
from identity_server.transfer.sources.opening import FORMS, Opened, Reading, open_source
from identity_server.transfer.sources.row import BadSource

_COLUMNS = ("ROWS", "IMPORTED", "REFUSED", "SKIPPED", "SECONDS", "PER SECOND")


def run(files: Sequence[str], configs: Sequence[str], writer: Writer, **options: Any) -> int:
    """Imports one file; the exit status, 1 when a row was refused."""
    if len(files) > 1:
        raise CommandFailed(f"One file at a time goes into the database; {len(files)} are given.")
    if options["input_format"] and options["input_format"] not in FORMS:
        raise CommandFailed(f"--input-format must be one of {', '.join(FORMS)}.")
    renamed = _renamed(options["traits"])
    configuration = load_configuration(configs)
    with explained(configuration.text("dsn") or ""):
        work = _Work(files[0] if files else "-", configuration, renamed, options)
        return asyncio.run(work.run(writer))


def _renamed(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        trait, equals, field = text.partition("=")
        if not (trait and equals and field):
            raise CommandFailed(f"--trait {text!r} says nothing; allowed: --trait name.first=firstName")
        found[f"traits.{trait.removeprefix('traits.')}"] = field
    return found


class _Work:
    def __init__(
        self, file: str, configuration: Configuration, renamed: Mapping[str, str], options: Mapping[str, Any]
    ) -> None:
        self._file = file
        self._configuration = configuration
        self._renamed = renamed
        self._options = options
        self._progress = Progress()

    async def run(self, writer: Writer) -> int:
        async with opened_services(self._configuration) as services:
            try:
                with open_source(self._file, self._reading(services)) as opened:
                    tally, seconds, done_before = await self._import(services, opened)
            except BadSource as error:
                raise CommandFailed(f"{self._called}: {error}") from None
        _show(writer, tally, seconds, done_before)
        return 1 if tally.refused else 0

    @property
    def _called(self) -> str:
        return "standard input" if self._file == "-" else self._file

    def _reading(self, services: Services) -> Reading:
        schema_id = self._options["schema_id"] or services.schemas.default_id
        try:
            schema = services.schemas.get(schema_id)
        except UnknownSchema:
            raise CommandFailed(f"There is no identity schema {schema_id!r} in the configuration.") from None
        traits = [name.removeprefix("traits.") for name in schema.field_names]
        return Reading(
            self._options["input_format"], traits, self._renamed, drops_unsupported=self._options["drop_unsupported"]
        )

    async def _import(self, services: Services, opened: Opened) -> tuple[Tally, float, int]:
        rehearsal = bool(self._options["dry_run"])
        name = "" if rehearsal else self._options["resume_as"] or opened.fingerprint
        restorer = Restorer(
            services.manager,
            services.hashing,
            services.cipher,
            schema_id=self._options["schema_id"],
            rehearsal=rehearsal,
        )
        store = BulkStore(services.database, services.identities)
        self._progress = Progress(opened.size)
        work = Import(
            restorer,
            store,
            self._report(),
            name=name,
            rehearsal=rehearsal,
            told=lambda tally: self._told(tally, opened),
        )
        await self._begin(work)
        before = work.tally.rows
        try:
            tally = await work.run(opened.source)
        except (asyncio.CancelledError, KeyboardInterrupt):
            self._say(self._interrupted(work.tally, name))
            raise
        self._progress.clear()
        return tally, self._progress.seconds, before

    def _report(self) -> Report:
        return Report(self._options["report"], self._say)

    async def _begin(self, work: Import) -> None:
        path: Path | None = self._options["report"]
        try:
            if self._options["restart"]:
                await work.forget()
            elif known := await work.resume():
                self._say(f"Going on behind row {known.last}, where the import of {known.began_at} was interrupted.")
        except OSError as error:
            raise CommandFailed(f"The report {path} cannot be written: {error.strerror}") from None
        self._progress.begin(work.tally.rows, 0)

    def _told(self, tally: Tally, opened: Opened) -> None:
        note = f"{tally.refused} refused" if tally.refused else ""
        self._progress.show(tally.rows, opened.counted.position, note)

    def _say(self, sentence: str) -> None:
        self._progress.clear()
        click.echo(sentence, err=True)

    @staticmethod
    def _interrupted(tally: Tally, name: str) -> str:
        hint = " The same command goes on there." if name else ""
        return f"Interrupted behind row {tally.last}.{hint}"


def _show(writer: Writer, tally: Tally, seconds: float, done_before: int) -> None:
    rate = round((tally.rows - done_before) / max(seconds, 1e-6))
    data = {
        "rows": tally.rows,
        "imported": tally.imported,
        "refused": tally.refused,
        "skipped": tally.skipped,
        "seconds": round(seconds, 3),
        "per_second": rate,
    }
    writer.write(data, Table(_COLUMNS, [[str(value) for value in data.values()]], single=True), [])
