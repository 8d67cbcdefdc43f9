"""A session as JSON text, put together from columns that are JSON already."""

from collections.abc import Sequence
from typing import Any

import orjson

from identity_server.identity.document import dump
from identity_server.session.model import Authentication, Device, Session
from identity_server.times import Timestamp

#: Columns of a session in the order in which every statement reads them.
COLUMNS: tuple[str, ...] = (
    "id",
    "identity_id",
    "active",
    "aal",
    "authentication_methods",
    "devices",
    "issued_at",
    "authenticated_at",
    "expires_at",
    "created_at",
    "updated_at",
)
WIDTH = len(COLUMNS)


def session_text(
    row: Sequence[Any], *, active: bool, identity: str = "", devices: bool = True, tokenized: str = ""
) -> str:
    """A session's JSON.

    Args:
        row: values in the order of ``COLUMNS``; more may follow.
        active: whether the session can be used, by flag, time and identity.
        identity: JSON text of the member ``identity``; empty leaves it out.
        devices: show the devices.
        tokenized: a JSON Web Token for the member of that name.
    """
    text = (
        f'{{"id":"{row[0]}","active":{"true" if active else "false"},"expires_at":"{row[8]}",'
        f'"authenticated_at":"{row[7]}","authenticator_assurance_level":"{row[3]}",'
        f'"authentication_methods":{row[4]},"issued_at":"{row[6]}"'
    )
    if identity:
        text += f',"identity":{identity}'
    if devices:
        text += f',"devices":{row[5]}'
    if tokenized:
        text += f',"tokenized":{dump(tokenized)}'
    return text + "}"


def session_row(session: Session) -> tuple[Any, ...]:
    """The columns of a session, in the order of ``COLUMNS``."""
    return (
        session.id,
        session.identity_id,
        int(session.active),
        session.aal,
        dump([method.to_json() for method in session.methods]),
        dump([device.to_json() for device in session.devices]),
        session.issued_at,
        session.authenticated_at,
        session.expires_at,
        session.created_at,
        session.updated_at,
    )


def session_from(row: Sequence[Any], token: str = "") -> Session:
    """The session behind its columns."""
    return Session(
        id=row[0],
        identity_id=row[1],
        active=bool(row[2]),
        methods=[Authentication.from_json(item) for item in orjson.loads(row[4])],
        devices=[Device(**item) for item in orjson.loads(row[5])],
        issued_at=row[6],
        authenticated_at=row[7],
        expires_at=row[8],
        created_at=row[9],
        updated_at=row[10],
        token=token,
    )


def is_active(row: Sequence[Any], identity_state: str, now: Timestamp) -> bool:
    """Whether flag, time and identity let a stored session be used."""
    return bool(row[2]) and row[8] > now and identity_state == "active"
