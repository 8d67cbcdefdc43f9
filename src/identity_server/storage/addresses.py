"""Marks on addresses that are not typed by anybody: a code was sent, an address was proved."""

from typing import Any

import orjson
from sqlalchemy import bindparam, select, update

from identity_server.audit.events import VERIFICATION_SUCCEEDED
from identity_server.audit.facts import Fact
from identity_server.randomness import NIL_UUID
from identity_server.storage import tables
from identity_server.storage.port import Operation, Statement
from identity_server.times import Timestamp

_I = tables.identities

_READ = Statement(
    select(_I.c.verifiable_addresses, _I.c.updated_at).where(_I.c.id == bindparam("id")).with_for_update(), writes=True
)
_WRITING = (
    update(_I)
    .where(_I.c.id == bindparam("id_"))
    .values(verifiable_addresses=bindparam("addresses"), updated_at=bindparam("now"))
)
_WRITE = Statement(_WRITING)
_WRITE_PROVED = Statement(_WRITING, tells=lambda values, _: [Fact(VERIFICATION_SUCCEEDED, values["id_"])])


def marking_sent(identity_id: str | None, address_id: str | None, now: Timestamp) -> Operation:
    """The operation that notes that something was sent to an address.

    It costs as much when there is nobody to note it for, so that the time tells nothing about who exists.
    """
    yield from _marking(identity_id or NIL_UUID, address_id or "", now)


def marking_verified(identity_id: str, address_id: str, value: str, now: Timestamp) -> Operation:
    """The operation that notes that an address was proved; it returns whether there is such an address.

    Operators may put another value under an id: what came to the value before it proves nothing about that one.
    """
    return (yield from _marking(identity_id, address_id, now, proved=value))


def _marking(identity_id: str, address_id: str, now: Timestamp, *, proved: str | None = None) -> Operation:
    rows = yield _READ(id=identity_id)
    addresses: list[dict[str, Any]] = orjson.loads(rows[0][0]) if rows else []
    verified = proved is not None
    same = (address for address in addresses if address["id"] == address_id)
    found = next((address for address in same if proved in (None, address["value"])), None)
    changed = found is not None and (_prove(found, now) if verified else _send(found, now))
    updated_at = now if changed or not rows else rows[0][1]
    write = _WRITE_PROVED if verified and found is not None else _WRITE
    yield write(id_=identity_id, addresses=orjson.dumps(addresses).decode(), now=updated_at)
    return found is not None


def _send(address: dict[str, Any], now: Timestamp) -> bool:
    if address["status"] != "pending":
        return False
    address["status"], address["updated_at"] = "sent", now
    return True


def _prove(address: dict[str, Any], now: Timestamp) -> bool:
    address.update(verified=True, status="completed", verified_at=now, updated_at=now)
    return True
