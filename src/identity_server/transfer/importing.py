"""The work of an import: batches of rows into the database, each with a note of how far it came."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import orjson

from identity_server import times
from identity_server.identity.model import Identity
from identity_server.storage.bulk_import import BulkStore
from identity_server.transfer.report import Outcome, Report
from identity_server.transfer.restoring import Refused, Restorer
from identity_server.transfer.seen import SeenNames
from identity_server.transfer.sources.row import Row, Source

#: Rows that are stored together. More gain nothing, and keep a running server's writers waiting.
BATCH = 1000
NOTES = "import/"


@dataclass(frozen=True)
class Tally:
    """How far an import is.

    Attributes:
        last: the number of the last row that is done.
        report_bytes: how long the report was then.
    """

    last: int = 0
    imported: int = 0
    refused: int = 0
    skipped: int = 0
    report_bytes: int = 0
    began_at: str = ""

    @property
    def rows(self) -> int:
        """Rows that are done."""
        return self.imported + self.refused + self.skipped

    def text(self) -> str:
        """The tally as it is noted."""
        return orjson.dumps(self).decode()


def read_tally(text: str) -> Tally:
    """A noted tally."""
    return Tally(**orjson.loads(text))


@dataclass(frozen=True)
class _Batch:
    rows: Sequence[Row]
    places: Sequence[int]
    identities: Sequence[Identity]
    outcomes: Sequence[Outcome]


class Import:
    """One import.

    Args:
        restorer: makes identities.
        store: where they go.
        report: what is told about rows.
        name: under which its progress is noted; empty for none, as for a rehearsal.
        rehearsal: look everything up, and store nothing.
        told: called with the tally after every batch.
    """

    def __init__(
        self,
        restorer: Restorer,
        store: BulkStore,
        report: Report,
        *,
        name: str = "",
        rehearsal: bool = False,
        told: Callable[[Tally], None] = lambda tally: None,
    ) -> None:
        self._restorer = restorer
        self._store = store
        self._report = report
        self._name = f"{NOTES}{name}" if name else ""
        self._seen = SeenNames() if rehearsal else None
        self._told = told
        self.tally = Tally(began_at=times.text(times.system_clock()))

    async def resume(self) -> Tally | None:
        """Goes on where an import of the same name was interrupted; None when there was none."""
        noted = await self._store.noted(self._name) if self._name else ""
        if not noted:
            self._report.begin(0)
            return None
        self.tally = read_tally(noted)
        self._report.begin(self.tally.report_bytes)
        return self.tally

    async def forget(self) -> None:
        """Begins anew, whatever was noted."""
        if self._name:
            await self._store.forget(self._name)
        self._report.begin(0)

    async def run(self, source: Source) -> Tally:
        """Imports every row behind the last that is done. One batch is prepared while the one before is stored.

        Raises:
            BadSource: when the file cannot be read on; what came before is stored.
            StorageError: when the database fails; so is everything up to the tally.
        """
        rows = (row for row in source.rows() if row.number > self.tally.last)
        storing: asyncio.Task[None] | None = None
        try:
            for part in _parts(rows):
                batch = await self._prepared(part)
                if storing is not None:
                    await storing
                storing = asyncio.create_task(self._stored(batch))
        finally:
            if storing is not None:
                await storing
        if self._name:
            await self._store.forget(self._name)
        return self.tally

    async def _prepared(self, rows: Sequence[Row]) -> _Batch:
        readable = [place for place, row in enumerate(rows) if not row.fault]
        values = [rows[place].value for place in readable]
        as_text = any(rows[place].as_text for place in readable)
        made = await self._restorer.identities(values, as_text=as_text)
        outcomes = [Outcome(row.number, row.fault, row.skipped) for row in rows if row.fault]
        places: list[int] = []
        identities: list[Identity] = []
        for place, one in zip(readable, made, strict=True):
            if isinstance(one, Refused):
                outcomes.append(Outcome(rows[place].number, one.reason))
            else:
                places.append(place)
                identities.append(one)
        return _Batch(rows, places, identities, outcomes)

    async def _stored(self, batch: _Batch) -> None:
        following: Tally = self.tally

        def note(refused: Mapping[int, str]) -> str:
            nonlocal following
            following = self._following(batch, refused)
            return following.text()

        if self._seen is not None:
            taken = await self._store.taken(batch.identities)
            note(self._seen.add(self._store, batch.identities, taken))
        else:
            refused = await self._store.store(batch.identities, self._name, note)
            if not self._name:
                note(refused)
        self.tally = following
        self._report.tell()
        self._told(self.tally)

    def _following(self, batch: _Batch, refused: Mapping[int, str]) -> Tally:
        """The tally once a batch is stored; its refusals are written down before, so that none is lost."""
        late = [Outcome(batch.rows[batch.places[place]].number, reason) for place, reason in refused.items()]
        outcomes = sorted([*batch.outcomes, *late], key=lambda each: each.row)
        skipped = sum(1 for each in outcomes if each.skipped)
        before = self.tally
        return replace(
            before,
            last=batch.rows[-1].number,
            imported=before.imported + len(batch.identities) - len(refused),
            refused=before.refused + len(outcomes) - skipped,
            skipped=before.skipped + skipped,
            report_bytes=self._report.write(before.report_bytes, outcomes),
        )


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, BATCH)):
        yield part
