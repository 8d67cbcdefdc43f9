"""A mail server on loopback for tests that are not asynchronous: it keeps what it is given."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from live_server import PATIENCE, free_port

_CODE = re.compile(r"\b\d{6}\b")
_LINK = re.compile(r"https?://\S+(?:token|code)=\S+")


@dataclass
class MailSink:
    """What came, oldest first, as pairs of the recipient and the message."""

    port: int = 0
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """For ``courier.smtp.connection_uri``."""
        return f"smtp://127.0.0.1:{self.port}/?disable_starttls=true"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Takes a message."""
        message = message_from_bytes(envelope.original_content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 taken"

    def letters(self, to: str) -> list[EmailMessage]:
        """All messages to an address."""
        return [message for recipient, message in self.received if recipient == to]

    def next(self, to: str, after: int = 0) -> str:
        """The plain text of the message that follows the first ``after`` ones to an address, once it has come."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if len(found := self.letters(to)) > after:
                part = found[after].get_body(("plain",))
                assert part is not None
                return str(part.get_content())
            time.sleep(0.05)
        raise AssertionError(f"no message to {to}; there are {[recipient for recipient, _ in self.received]}")

    def code(self, to: str, after: int = 0) -> str:
        """The code in a message."""
        found = _CODE.search(self.next(to, after))
        assert found
        return found[0]

    def link(self, to: str, after: int = 0) -> str:
        """The link in a message."""
        found = _LINK.search(self.next(to, after))
        assert found
        return found[0]


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server that takes everything until the block ends."""
    sink = MailSink(free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
