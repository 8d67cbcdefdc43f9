"""Which channels the configuration asks for."""

from collections.abc import Mapping
from typing import Any

from identity_server.courier.channels.http_post import HttpChannel, http_settings
from identity_server.courier.channels.smtp_settings import smtp_settings
from identity_server.courier.message import EMAIL
from identity_server.courier.ports import Channel, HttpClient, Jsonnet, Reader
from identity_server.times import Clock


async def open_channels(
    courier: Mapping[str, Any], *, reader: Reader, client: HttpClient, jsonnet: Jsonnet, clock: Clock
) -> dict[str, Channel]:
    """The channels by the name that messages have in ``channel``; nothing is connected yet.

    There is no ``email`` without ``courier.smtp.connection_uri``, unless ``courier.delivery_strategy`` is ``http``.
    Mails wait in the queue then.

    Args:
        courier: the ``courier`` part of the configuration.
        client: makes one request without retries of its own; the courier retries.

    Raises:
        ValueError: with the key that is wrong and what is allowed.
        OSError: when the client certificate for SMTP cannot be read.
    """
    channels: dict[str, Channel] = {}
    if courier.get("delivery_strategy") == "http":
        request = (courier.get("http") or {}).get("request_config") or {}
        channels[EMAIL] = await _service("courier.http", request, reader, client, jsonnet)
    elif (courier.get("smtp") or {}).get("connection_uri"):
        from identity_server.courier.channels.smtp import SmtpChannel

        channels[EMAIL] = SmtpChannel(smtp_settings(courier["smtp"]), clock)
    for place, channel in enumerate(courier.get("channels") or ()):
        request = channel.get("request_config") or {}
        where = f"courier.channels.{place}"
        channels[str(channel["id"])] = await _service(where, request, reader, client, jsonnet)
    return channels


async def _service(
    where: str, request: Mapping[str, Any], reader: Reader, client: HttpClient, jsonnet: Jsonnet
) -> HttpChannel:
    try:
        return HttpChannel(http_settings(request, await _snippet(request, reader)), client, jsonnet)
    except ValueError as error:
        raise ValueError(f"{where}.{error}") from None


async def _snippet(request: Mapping[str, Any], reader: Reader) -> str:
    address = request.get("body")
    if not address:
        return ""
    try:
        return (await reader(str(address))).decode()
    except UnicodeDecodeError:
        raise ValueError("request_config.body: the Jsonnet is not UTF-8") from None
    except Exception as error:
        raise ValueError(f"request_config.body: {error}") from None
