"""What the answer of a web hook does to a flow: nothing, changes of the identity, or messages."""

from typing import Annotated, Any, cast

import orjson
from pydantic import Field

from identity_server import randomness
from identity_server.errors import ApiError
from identity_server.hooks.web_hook import HookFailed, Mode
from identity_server.identity.model import STATES, Address, Identity
from identity_server.identity.payload import (
    MOST_ADDRESSES,
    Body,
    ExternalId,
    RecoveryAddressBody,
    VerifiableAddressBody,
    read,
)
from identity_server.messages.message import Message
from identity_server.outbound.answers import Answer
from identity_server.schema import normalize
from identity_server.schema.registry import SchemaRegistry
from identity_server.times import Timestamp

OK = 200
REFUSALS = 400
#: More messages than this help nobody.
MOST_MESSAGES = 100


class IdentityChange(Body):
    """``identity`` of an answer; what is not there stays as it is."""

    traits: dict[str, Any] | None = None
    schema_id: str | None = None
    state: str | None = None
    metadata_public: Any = None
    metadata_admin: Any = None
    external_id: ExternalId | None = None
    verifiable_addresses: Annotated[list[VerifiableAddressBody], Field(max_length=MOST_ADDRESSES)] | None = None
    recovery_addresses: Annotated[list[RecoveryAddressBody], Field(max_length=MOST_ADDRESSES)] | None = None


def bad_answer() -> HookFailed:
    """The other side said that it went well, but what it said cannot be read."""
    return HookFailed(500, "A service that this server asks gave an answer that cannot be read.")


def refused() -> HookFailed:
    """The other side refused without saying what a person could do."""
    return HookFailed(502, "A service that this server asks refused; try again later.")


def expect_success(answer: Answer) -> None:
    """Nothing of the answer counts but its status.

    Raises:
        HookFailed: from 400 on.
    """
    if answer.status >= REFUSALS:
        raise refused()


def messages_of(answer: Answer) -> list[tuple[str, Message]]:
    """What a refusal says, each message with the dotted name of its field; empty unless it refuses.

    Raises:
        HookFailed: when it refuses without a message.
    """
    if answer.status < REFUSALS:
        return []
    found: list[tuple[str, Message]] = []
    for group in _list(_object(answer).get("messages")):
        if not isinstance(group, dict):
            raise bad_answer()
        entry = cast("dict[str, Any]", group)
        name = field_name(entry.get("instance_ptr"))
        found.extend((name, _message(item)) for item in _list(entry.get("messages")))
    if not found:
        raise bad_answer()
    return found[:MOST_MESSAGES]


def field_name(pointer: Any) -> str:
    """The dotted name of a field that a JSON pointer such as ``#/traits/name/first`` means (RFC 6901)."""
    path = str(pointer or "").removeprefix("#").strip("/")
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in path.split("/"))


def apply(answer: Answer, mode: Mode, identity: Identity, schemas: SchemaRegistry, now: Timestamp) -> None:
    """Changes the identity as the answer says, when the hook may do that.

    Raises:
        HookFailed: when the answer cannot be read, or says what no identity can be.
    """
    if mode != "parse" or answer.status != OK:
        return
    said = _object(answer).get("identity")
    if said is None:
        return
    try:
        change = read(IdentityChange, said, lenient=True)
    except ApiError:
        raise bad_answer() from None
    wrong_schema = change.schema_id and change.schema_id not in schemas.ids()
    if wrong_schema or (change.state and change.state not in STATES):
        raise bad_answer()
    _apply(change, identity, now)


def _apply(change: IdentityChange, identity: Identity, now: Timestamp) -> None:
    identity.traits = change.traits if change.traits else identity.traits
    identity.schema_id = change.schema_id or identity.schema_id
    if change.state and change.state != identity.state:
        identity.state, identity.state_changed_at = change.state, now
    for name in ("metadata_public", "metadata_admin"):
        if name in change.model_fields_set:
            setattr(identity, name, getattr(change, name))
    identity.external_id = change.external_id or identity.external_id
    if change.verifiable_addresses:
        known = {(address.via, address.value): address for address in identity.verifiable_addresses}
        identity.verifiable_addresses = [_verifiable(entry, known, now) for entry in change.verifiable_addresses]
    if change.recovery_addresses:
        known = {(address.via, address.value): address for address in identity.recovery_addresses}
        identity.recovery_addresses = [_address(entry, known, now) for entry in change.recovery_addresses]


def _verifiable(entry: VerifiableAddressBody, known: dict[tuple[str, str], Address], now: Timestamp) -> Address:
    address = _address(entry, known, now)
    if entry.verified is not None:
        address.verified = entry.verified
        address.verified_at = (entry.verified_at or now) if entry.verified else None
        address.status = "completed" if entry.verified else "pending"
    address.status = entry.status or address.status
    return address


def _address(
    entry: VerifiableAddressBody | RecoveryAddressBody, known: dict[tuple[str, str], Address], now: Timestamp
) -> Address:
    via = entry.via or "email"
    try:
        value = normalize.address(via, entry.value or "")
    except normalize.NotCanonical:
        raise bad_answer() from None
    return known.get((via, value)) or Address(randomness.new_id(), value, via, now, now)


def _object(answer: Answer) -> dict[str, Any]:
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise bad_answer() from None
    if not isinstance(value, dict):
        raise bad_answer()
    return cast("dict[str, Any]", value)


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise bad_answer()
    return cast("list[Any]", value or [])


def _message(item: Any) -> Message:
    if not isinstance(item, dict):
        raise bad_answer()
    said = cast("dict[str, Any]", item)
    number, words, context = said.get("id", 0), said.get("text", ""), said.get("context")
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(words, str):
        raise bad_answer()
    shown = cast("dict[str, Any]", context) if isinstance(context, dict) else None
    return Message(number, words, "error" if said.get("type") == "error" else "info", shown)
