"""Mail servers on loopback: one that takes mails, and one that misbehaves by script."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Received:
    sender: str
    recipients: list[str]
    raw: bytes
    options: list[str]

    def texts(self) -> list[tuple[str, str]]:
        """Media type and text of each part, without the line ends of the wire."""
        parts = [part for part in self.mail.walk() if not part.is_multipart()]
        return [(part.get_content_type(), part.get_content().replace("\r\n", "\n")) for part in parts]

    @property
    def mail(self) -> EmailMessage:
        mail = message_from_bytes(self.raw, policy=default)
        assert isinstance(mail, EmailMessage)
        return mail


@dataclass
class Sink:
    """Takes mails, except for the recipients and senders that it refuses."""

    refuse: Mapping[str, str] = field(default_factory=dict)
    answer_data: Callable[[], str] = lambda: "250 taken"
    received: list[Received] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 fine"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answer_data()
        if answer.startswith("2"):
            self.received.append(
                Received(envelope.mail_from, envelope.rcpt_tos, envelope.original_content, envelope.mail_options)
            )
        return answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"p/w#1@x", handled=False)


@asynccontextmanager
async def mail_server(
    sink: Sink,
    *,
    port: int = 0,
    implicit_tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
) -> AsyncIterator[int]:
    """Runs the sink; the port it listens on."""

    def protocol() -> SMTP:
        return SMTP(
            sink,
            hostname="sink.test",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=sink.authenticate if login else None,
            auth_required=login,
            auth_require_tls=starttls is not None,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=implicit_tls)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink.port
    finally:
        server.close()
        await server.wait_closed()


# -- servers by script ----------------------------------------------------------------------------------------

HANG = "hang"
CLOSE = "close"
FINE = {
    "": "220 fine",
    "EHLO": "250-sink\r\n250 8BITMIME",
    "HELO": "250 sink",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    ".": "250 taken",
    "RSET": "250 fine",
    "QUIT": "221 bye",
}


@dataclass
class Script:
    """Answers verbs by a table; ``""`` is the greeting and ``"."`` the end of the data."""

    answers: Mapping[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._session(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb = ""
        while await self._say(verb, writer):
            if verb == "DATA" and "DATA" not in self.answers:
                self.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                verb = "."
                continue
            line = (await reader.readline()).decode("utf-8", "replace")
            if not line or verb == "QUIT":
                return
            self.seen.append(line.strip())
            verb = line.split()[0].upper()

    async def _say(self, verb: str, writer: asyncio.StreamWriter) -> bool:
        answer = {**FINE, **self.answers}.get(verb, "502 what?")
        if answer == HANG:
            self.reached.set()
            await asyncio.Event().wait()
        if answer == CLOSE:
            return False
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def scripted_server(script: Script, *, port: int = 0) -> AsyncIterator[int]:
    """Runs the script; the port it listens on."""
    sessions: set[asyncio.Task[None]] = set()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        sessions.add(task)
        try:
            await script(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            sessions.discard(task)

    server = await asyncio.start_server(session, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(sessions):
            task.cancel()
        await server.wait_closed()


# -- certificates ---------------------------------------------------------------------------------------------


class Authority:
    """Signs certificates for names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
        builder = self._builder(self.name, self.key).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(builder.sign(self.key, hashes.SHA256())))

    def certificate(self, name: str) -> tuple[Path, Path]:
        """Files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        alternative = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        builder = self._builder(subject, key).add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        signed = builder.sign(self.key, hashes.SHA256())
        cert_file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert_file.write_bytes(_pem(signed))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return cert_file, key_file

    def server_context(self, name: str, *, client_cert: bool = False) -> ssl.SSLContext:
        """TLS as a server of a name does it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate(name))
        if client_cert:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.file)
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
