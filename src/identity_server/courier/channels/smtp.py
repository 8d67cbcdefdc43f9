"""Sends mails to one mail server, one connection a mail.

What goes wrong before the server knows for whom the mail is (no connection, no trust in its certificate, no login,
a greeting of 4xx or 5xx) is no mail's fault and counts for none: ``Unreachable``. From ``MAIL FROM`` on it is this
mail's: ``Refused``.
"""

import asyncio
import ssl
from typing import Any

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from identity_server.courier.addresses import on_the_wire
from identity_server.courier.channels.mail_format import mail_bytes
from identity_server.courier.channels.smtp_settings import SmtpSettings
from identity_server.courier.errors import InvalidRecipient, Refused, Unreachable
from identity_server.courier.message import Message
from identity_server.times import Clock

CONNECT_SECONDS = 10.0
MAIL_SECONDS = 30.0
QUIT_SECONDS = 2.0
#: "Service not available, closing" speaks of the server, whenever it comes (RFC 5321 §3.8).
CLOSING = 421


class SmtpChannel:
    """A mail server.

    Args:
        connect_seconds: for the connection, TLS and the login together.
        mail_seconds: for the whole mail, the connection included.

    Raises:
        OSError: when the client certificate cannot be read.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        clock: Clock,
        connect_seconds: float = CONNECT_SECONDS,
        mail_seconds: float = MAIL_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._connect_seconds = connect_seconds
        self._mail_seconds = mail_seconds
        self._tls = None if settings.security == "none" else settings.tls_context()

    async def send(self, message: Message) -> None:
        """Sends one mail; see ``Channel``."""
        try:
            content = mail_bytes(message, self._settings, self._clock())
        except InvalidRecipient as error:
            raise Refused(str(error), "invalid recipient") from None
        except ValueError:
            raise Refused("the message cannot be written as a mail", "unwritable mail") from None
        client = self._client()
        try:
            async with asyncio.timeout(self._mail_seconds):
                await self._connect(client)
                await self._transfer(client, on_the_wire(message.recipient), content)
        except TimeoutError:
            raise Refused(f"the mail server took longer than {self._mail_seconds:g} s", "time-out") from None
        finally:
            client.close()

    async def check(self) -> None:
        """Connects, logs in and leaves, without a mail.

        Raises:
            Unreachable: when that fails.
        """
        client = self._client()
        try:
            await self._connect(client)
            await self._quit(client)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            username=self._settings.username or None,
            password=self._settings.password if self._settings.username else None,
            local_hostname=self._settings.local_name,
            timeout=self._mail_seconds,
            use_tls=self._settings.security == "tls",
            start_tls=self._settings.security == "starttls",
            tls_context=self._tls,
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            async with asyncio.timeout(self._connect_seconds):
                await client.connect()
                await self._introduce(client)
        except TimeoutError:
            raise Unreachable("the mail server does not answer in time", "connect time-out") from None
        except aiosmtplib.SMTPAuthenticationError as error:
            raise Unreachable(f"the mail server refuses the login: {_reply(error)}", f"login {error.code}") from None
        except SMTPResponseException as error:
            raise Unreachable(f"the mail server lets nobody in: {_reply(error)}", f"greeting {error.code}") from None
        except (SMTPException, OSError, ValueError) as error:
            cause = _cause(error)
            if isinstance(cause, ssl.SSLError):
                raise Unreachable(f"TLS with the mail server fails: {_tls_reason(cause)}", "tls") from None
            raise Unreachable(f"the mail server cannot be reached: {_words(cause)}", "unreachable") from None

    async def _introduce(self, client: aiosmtplib.SMTP) -> None:
        if client.is_ehlo_or_helo_needed:
            try:
                await client.ehlo()
            except aiosmtplib.SMTPHeloError:
                await client.helo()

    async def _transfer(self, client: aiosmtplib.SMTP, recipient: str, content: bytes) -> None:
        sender = on_the_wire(self._settings.from_address)
        options = [] if (sender + recipient).isascii() else ["SMTPUTF8"]
        try:
            await client.sendmail(sender, [recipient], content, mail_options=options)
        except SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0]) from None
        except SMTPResponseException as error:
            raise _refusal(error) from None
        except aiosmtplib.SMTPNotSupported:
            reason = "the mail server does not take addresses beyond ASCII (SMTPUTF8)"
            raise Refused(reason, "no smtputf8") from None
        except (SMTPException, OSError, ValueError) as error:
            raise Refused(f"the mail server broke off: {_words(_cause(error))}", "broken off") from None
        await self._quit(client)

    async def _quit(self, client: aiosmtplib.SMTP) -> None:
        # The mail is accepted by now; whatever QUIT meets must not make it be sent again.
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                await client.quit()
        except (SMTPException, OSError, TimeoutError):
            return


def _refusal(error: Any) -> Refused | Unreachable:
    kind = f"reply {error.code}"
    if error.code == CLOSING:
        return Unreachable(f"the mail server is closing: {_reply(error)}", kind)
    return Refused(f"the mail server refuses the mail: {_reply(error)}", kind)


def _reply(error: Any) -> str:
    return f"{error.code} {error.message}"


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason or "the handshake is broken off"


def _cause(error: BaseException) -> BaseException:
    return error.__cause__ if isinstance(error.__cause__, OSError) else error


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
