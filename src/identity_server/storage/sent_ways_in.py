"""Codes and links that were sent to let somebody in: they end when what they rest on changes."""

from sqlalchemy import Table, bindparam, literal_column, select, update

from identity_server.storage import tables
from identity_server.storage.port import Operation, Statement, among
from identity_server.times import Timestamp

_KINDS = ("recovery", "login")


def _ending(table: Table) -> Statement:
    # Whoever holds a row uses it or replaces it at this moment; waiting for them might be waiting in a ring.
    sent = (
        select(table.c.id)
        .where(
            table.c.identity_id == bindparam("owner"),
            among(table.c.kind, _KINDS),
            table.c.used_at.is_(None),
            # What an operator made was sent to no address (codes: empty, links: none), and stays theirs to end.
            table.c.address > literal_column("''"),
        )
        .with_for_update(skip_locked=True)
    )
    return Statement(update(table).where(table.c.id.in_(sent)).values(used_at=bindparam("now")))


_ENDINGS = (_ending(tables.one_time_codes), _ending(tables.link_tokens))


def ending(identity_id: str, now: Timestamp) -> Operation:
    """The operation that ends every code and link that was sent to a person to sign in or to recover with."""
    for statement in _ENDINGS:
        yield statement(owner=identity_id, now=now)
