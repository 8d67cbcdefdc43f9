"""Writes a message as an e-mail (RFC 5322, MIME)."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from identity_server.courier.addresses import on_the_wire, one_line
from identity_server.courier.channels.smtp_settings import SmtpSettings
from identity_server.courier.message import Message

# Bodies as quoted-printable or base64: not every server takes eight bits (RFC 6152).
_ASCII = SMTP.clone(cte_type="7bit")
_UTF8 = SMTPUTF8.clone(cte_type="7bit")


def mail_bytes(message: Message, settings: SmtpSettings, now: datetime) -> bytes:
    """The mail: its text and, as an alternative, its HTML.

    The ``Message-ID`` is the message's id, so a mail that is sent twice, because a worker was killed before it could
    say that it was sent, is one mail to programs that compare ids.

    Raises:
        InvalidRecipient: when the recipient is not exactly one address.
    """
    sender, recipient = on_the_wire(settings.from_address), on_the_wire(message.recipient)
    mail = EmailMessage(policy=_ASCII if (sender + recipient).isascii() else _UTF8)
    for name, value in settings.headers.items():
        mail[name] = value
    mail["From"] = _address(sender, settings.from_name)
    mail["To"] = _address(recipient)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    # Keeps out-of-office programs from answering (RFC 3834).
    if "Auto-Submitted" not in mail:
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    if message.html_body:
        mail.add_alternative(message.html_body, subtype="html")
    return mail.as_bytes()


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
