"""One message to one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from identity_server.courier.addresses import valid_email, valid_telephone
from identity_server.randomness import new_id
from identity_server.times import Timestamp

Status = Literal["queued", "sent", "processing", "abandoned"]
MessageType = Literal["email", "sms"]

QUEUED: Status = "queued"
SENT: Status = "sent"
PROCESSING: Status = "processing"
ABANDONED: Status = "abandoned"
STATUSES: tuple[Status, ...] = (QUEUED, SENT, PROCESSING, ABANDONED)

#: Types that tell of something that happened to an account. Nobody asks for them, so what is asked for must not use up
#: their limits: whoever took an account over would ask for codes first, and its owner would not be told.
NOTICES = ("verifiable_address_changed",)

EMAIL: MessageType = "email"
SMS: MessageType = "sms"


@dataclass(slots=True)
class Message:
    """A message as it is stored and sent; what it says stays out of ``repr``.

    Attributes:
        id: a UUID, also the ``Message-ID`` of the mail, so that a second copy is recognised as one.
        recipient: exactly one address or number.
        html_body: empty for an SMS.
        template_type: such as ``recovery_code_valid``.
        template_data: the JSON that the texts were made of; an HTTP service gets it whole.
        channel: ``email``, or the ``id`` of a configured channel.
        send_count: attempts that count towards ``courier.message_retries``, the one under way included.
        request_headers: the allowed headers of the request that caused the message, for the HTTP service.
    """

    type: MessageType
    recipient: str = field(repr=False)
    template_type: str
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    html_body: str = field(default="", repr=False)
    template_data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    channel: str = EMAIL
    id: str = field(default_factory=new_id)
    status: Status = QUEUED
    send_count: int = 0
    request_headers: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    created_at: Timestamp = ""
    updated_at: Timestamp = ""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One attempt to deliver a message; ``error`` is None when it succeeded."""

    id: str
    message_id: str
    status: Literal["success", "failed"]
    error: str | None
    created_at: Timestamp
    updated_at: Timestamp


def check_recipient(message_type: MessageType, recipient: str) -> None:
    """Raises InvalidRecipient unless the text is one address of the type."""
    valid_email(recipient) if message_type == EMAIL else valid_telephone(recipient)
