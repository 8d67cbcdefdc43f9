"""The mail server: whether it lets us in."""

from identity_server.configuration import Configuration
from identity_server.courier.channels.smtp import SmtpChannel
from identity_server.courier.channels.smtp_settings import smtp_settings
from identity_server.courier.errors import Unreachable
from identity_server.diagnosis.finding import Finding
from identity_server.times import Clock

_URI = "courier.smtp.connection_uri"


async def finding(configuration: Configuration, clock: Clock) -> Finding:
    """Connects and logs in, and sends nothing."""
    if configuration.text("courier.delivery_strategy") == "http":
        return Finding("mail", "skipped", "Mail leaves by HTTP; whether that works shows with the first message.")
    if not configuration.configured(_URI):
        return Finding("mail", "warning", f"{_URI} is not set: no code and no link reaches anybody.")
    try:
        settings = smtp_settings(configuration.section("courier.smtp"))
        channel = SmtpChannel(settings, clock)
    except (ValueError, OSError) as error:
        return Finding("mail", "wrong", f"{error}.")
    try:
        await channel.check()
    except Unreachable as error:
        return Finding("mail", "wrong", f"{settings.host}:{settings.port}: {error}.")
    if settings.security == "none":
        return Finding("mail", "warning", f"{settings.host}:{settings.port} answers, without encryption.")
    login = "lets us log in" if settings.username else "answers, without a login"
    return Finding("mail", "ok", f"{settings.host}:{settings.port} {login}.")
