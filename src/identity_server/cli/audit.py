"""``kratos audit``: reads and follows the audit trail."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import click

from identity_server import times
from identity_server.audit.events import EVENTS
from identity_server.audit.record import RESULTS
from identity_server.cli.admin_api import AdminApi, RequestFailed, endpoint, next_page_token
from identity_server.cli.output import Table, Writer, one_line, output_format
from identity_server.cli.parameters import MOMENT

#: Most entries that the server gives at a time.
PAGE = 1000
#: Entries are stored when their change is done, so one that began earlier may come later; this far back is looked.
OVERLAP = timedelta(seconds=30)
_COLUMNS = ("when", "event", "result", "actor", "identity_id", "method", "ip", "reason")
_HEADERS = tuple(name.replace("_", " ").upper() for name in _COLUMNS)
#: Of the columns while following, when nobody knows what is still to come.
_WIDTHS = (27, 24, 7, 45, 36, 13, 15, 0)


@click.command()
@click.option("--identity", "identity_id", metavar="ID", help="Only what was done to this identity.")
@click.option("--event", type=click.Choice(EVENTS), help="Only this event.")
@click.option("--actor", metavar="WHO", help="Only by admin_key:NAME, identity:ID, anonymous or command_line.")
@click.option("--result", type=click.Choice(RESULTS), help="Only what succeeded, or what was refused.")
@click.option("--since", type=MOMENT, metavar="TIME", help="Not before this, such as 2026-05-31T09:30:00Z.")
@click.option("--until", type=MOMENT, metavar="TIME", help="Only before this.")
@click.option("--last", type=click.IntRange(0), default=100, show_default=True, help="So many, the newest.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is done from now on, until Ctrl-C.")
@endpoint
@output_format
def audit(last: int, follow: bool, api: AdminApi, writer: Writer, **filters: str | None) -> int:
    """Read the audit trail, the newest entry last. The server keeps one when its configuration says so
    (audit.enabled).
    """
    query = {name: value for name, value in filters.items() if value}
    if follow and "until" in query:
        raise click.UsageError("--follow has no end; leave --until out")
    found = _newest(api, query, last)
    if not follow:
        table = Table(_HEADERS, [_row(entry) for entry in found])
        writer.write(found, table, [str(entry["id"]) for entry in found])
        return 0
    return _follow(api, writer, query, found)


def _newest(api: AdminApi, query: Mapping[str, str], last: int | None) -> list[dict[str, Any]]:
    """The newest entries, oldest first; all of them when ``last`` is None."""
    found: list[dict[str, Any]] = []
    token = ""
    while last is None or len(found) < last:
        size = PAGE if last is None else min(PAGE, last - len(found))
        asked = {**query, "page_size": str(size), **({"page_token": token} if token else {})}
        entries, headers = api.call("GET", "/admin/audit", query=asked)
        found.extend(entries)
        token = next_page_token(headers)
        if not token:
            break
    return found[::-1]


def _follow(api: AdminApi, writer: Writer, query: Mapping[str, str], known: Sequence[dict[str, Any]]) -> int:
    if writer.kind == "table" and not writer.quiet:
        click.echo(_aligned(_HEADERS))
    _show(writer, known)
    try:
        for entries in _coming(api, query, known):
            _show(writer, entries)
    except KeyboardInterrupt:
        return 0
    return 0


def _coming(
    api: AdminApi, query: Mapping[str, str], known: Sequence[dict[str, Any]]
) -> Iterator[Sequence[dict[str, Any]]]:
    """Entries that were not there before, every second; a server that is away is asked again."""
    newest = _last_time(known or _newest(api, query, 1))
    window = _newest(api, _since(query, newest), None) if newest else []
    seen = {str(entry["id"]) for entry in window if entry["when"] <= newest}
    while True:
        time.sleep(1)
        try:
            entries = _newest(api, _since(query, newest), None)
        except RequestFailed as error:
            if error.status and error.status != 503:
                raise
            click.echo(error.message, err=True)
            continue
        yield [entry for entry in entries if entry["id"] not in seen]
        seen = {str(entry["id"]) for entry in entries} or seen
        newest = max(newest, _last_time(entries))


def _last_time(entries: Sequence[Mapping[str, Any]]) -> str:
    return max((str(entry["when"]) for entry in entries), default="")


def _since(query: Mapping[str, str], newest: str) -> Mapping[str, str]:
    """The query for what is newer than an entry, or a little older."""
    if not newest:
        return query
    return {**query, "since": max(query.get("since", ""), times.text(times.parse(newest) - OVERLAP))}


def _show(writer: Writer, entries: Sequence[dict[str, Any]]) -> None:
    """Entries one by one, so that each line can be read as it comes."""
    for entry in entries:
        if writer.kind == "table" and not writer.quiet:
            click.echo(_aligned(_row(entry)))
        else:
            writer.write(entry, Table(_HEADERS, [_row(entry)]), [str(entry["id"])])


def _row(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry.get(name) or "") for name in _COLUMNS]


def _aligned(cells: Sequence[str]) -> str:
    return "  ".join(one_line(cell).ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
