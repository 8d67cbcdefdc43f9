"""How the mail server is reached: ``courier.smtp`` of the configuration as values."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from identity_server.courier.addresses import valid_email, valid_header

Security = Literal["none", "starttls", "tls"]
_PORTS: Mapping[Security, int] = {"none": 25, "starttls": 587, "tls": 465}
_PARAMETERS = {"disable_starttls", "skip_ssl_verify", "server_name", "legacy_ssl"}
_WORDS = {"true": True, "1": True, "false": False, "0": False, "": False}
# What a mail is made of. A header of the operator's under one of these names would be a second one, or a lie.
_OURS = {
    "bcc", "cc", "content-transfer-encoding", "content-type", "date", "from", "message-id", "mime-version", "sender",
    "subject", "to",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server and the sender of all mails; neither name nor password show in ``repr``.

    Attributes:
        server_name: the name in the server's certificate.
        verify: whether that certificate is checked.
        local_name: what we call ourselves in EHLO.
        headers: further headers of each mail.
    """

    host: str
    port: int
    security: Security
    from_address: str
    from_name: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    server_name: str = ""
    verify: bool = True
    local_name: str = "localhost"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    client_cert: str = ""
    client_key: str = ""

    def tls_context(self) -> ssl.SSLContext:
        """The rules for the server's certificate, and ours if we have one; TLS 1.2 at least.

        Raises:
            OSError: when a certificate or key cannot be read or does not fit.
        """
        context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.name = self.server_name or self.host
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.verify:
            context.load_default_certs()
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client_cert:
            context.load_cert_chain(self.client_cert, self.client_key or None)
        return context


class _NamedContext(ssl.SSLContext):
    """Asks for and checks a name that need not be the host's."""

    name = ""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.name or server_hostname, session)


def smtp_settings(smtp: Mapping[str, Any]) -> SmtpSettings:
    """The values of ``courier.smtp``.

    Raises:
        ValueError: with the key that is wrong and what is allowed; never with the address itself, which holds the
            password.
    """
    uri = str(smtp.get("connection_uri") or "")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise ValueError("courier.smtp.connection_uri: the host or port cannot be read") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("courier.smtp.connection_uri: smtp://user:password@host:port/ or smtps://… is allowed")
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    unknown = sorted(set(query) - _PARAMETERS)
    if unknown:
        raise ValueError(f"courier.smtp.connection_uri: unknown parameter {unknown[0]!r}; allowed are {_names()}")
    security: Security = "tls" if parts.scheme == "smtps" else "starttls"
    if security == "starttls" and _flag(query, "disable_starttls"):
        security = "none"
    return SmtpSettings(
        host=parts.hostname,
        port=port or _PORTS[security],
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        server_name=query.get("server_name", ""),
        verify=not _flag(query, "skip_ssl_verify"),
        client_cert=str(smtp.get("client_cert_path") or ""),
        client_key=str(smtp.get("client_key_path") or ""),
        **_sender(smtp),
    )


def _sender(smtp: Mapping[str, Any]) -> dict[str, Any]:
    from_name = str(smtp.get("from_name") or "")
    local_name = str(smtp.get("local_name") or "localhost")
    headers = {str(name): str(value) for name, value in (smtp.get("headers") or {}).items()}
    try:
        valid_email(str(smtp.get("from_address") or "no-reply@ory.kratos.sh"))
    except ValueError:
        raise ValueError("courier.smtp.from_address: one e-mail address is allowed") from None
    if not from_name.isprintable():
        raise ValueError("courier.smtp.from_name: one line without control characters is allowed")
    if not local_name.isprintable() or " " in local_name or not local_name.isascii():
        raise ValueError("courier.smtp.local_name: a host name is allowed")
    for name, value in headers.items():
        try:
            valid_header(name, value)
        except ValueError as error:
            raise ValueError(f"courier.smtp.headers: {error}") from None
        if name.lower() in _OURS:
            raise ValueError(f"courier.smtp.headers: {name} is set by the courier itself")
    return {
        "from_address": str(smtp.get("from_address") or "no-reply@ory.kratos.sh"),
        "from_name": from_name,
        "local_name": local_name,
        "headers": headers,
    }


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "false").lower()
    if value not in _WORDS:
        raise ValueError(f"courier.smtp.connection_uri: {name} may be true or false")
    return _WORDS[value]


def _names() -> str:
    return ", ".join(sorted(_PARAMETERS - {"legacy_ssl"}))
