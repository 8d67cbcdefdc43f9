"""Hands messages to an HTTP service: mails under ``delivery_strategy: http``, and SMS."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Literal

from identity_server.courier.addresses import valid_header
from identity_server.courier.errors import InvalidRecipient, Refused, Unreachable
from identity_server.courier.message import EMAIL, Message, check_recipient
from identity_server.courier.ports import HttpClient, Jsonnet

_COPIED = ("recovery_code", "recovery_url", "verification_url", "verification_code")


@dataclass(frozen=True, slots=True)
class Auth:
    """What a request is authorised with; the value does not show in ``repr``.

    Attributes:
        name: of the header or cookie, or the user.
        place: ``basic`` for a user and password.
    """

    name: str
    value: str = field(repr=False)
    place: Literal["header", "cookie", "basic"]

    def header(self) -> tuple[str, str]:
        """The header that carries it."""
        if self.place == "basic":
            return "Authorization", "Basic " + base64.b64encode(f"{self.name}:{self.value}".encode()).decode()
        if self.place == "cookie":
            cookie: SimpleCookie = SimpleCookie()
            cookie[self.name] = self.value
            return "Cookie", cookie[self.name].OutputString()
        return self.name, self.value


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """A service.

    Attributes:
        snippet: Jsonnet of a function of ``ctx`` that makes the body; empty for the standard body.
    """

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    snippet: str = ""
    auth: Auth | None = None


def http_settings(request: Mapping[str, Any], snippet: str = "") -> HttpSettings:
    """The values of a ``request_config``.

    Args:
        snippet: what ``request_config.body`` leads to.

    Raises:
        ValueError: with what is wrong and what is allowed.
    """
    headers = {str(name): str(value) for name, value in (request.get("headers") or {}).items()}
    for name, value in headers.items():
        try:
            valid_header(name, value)
        except ValueError as error:
            raise ValueError(f"request_config.headers: {error}") from None
    url = str(request.get("url") or "")
    if not url.startswith(("http://", "https://")):
        raise ValueError("request_config.url: http:// or https:// is allowed")
    return HttpSettings(url, str(request.get("method") or "POST"), headers, snippet, _auth(request.get("auth")))


def _auth(auth: Mapping[str, Any] | None) -> Auth | None:
    if not auth:
        return None
    config: Mapping[str, Any] = auth.get("config") or {}
    match auth.get("type"):
        case "basic_auth":
            return Auth(str(config.get("user", "")), str(config.get("password", "")), "basic")
        case "api_key":
            place = config.get("in", "header")
            if place not in ("header", "cookie"):
                raise ValueError("request_config.auth.config.in: header or cookie is allowed")
            return Auth(*_api_key(config), place)
        case _:
            raise ValueError("request_config.auth.type: api_key or basic_auth is allowed")


def _api_key(config: Mapping[str, Any]) -> tuple[str, str]:
    try:
        return valid_header(str(config.get("name", "")), str(config.get("value", "")))
    except ValueError as error:
        raise ValueError(f"request_config.auth.config: {error}") from None


class HttpChannel:
    """A service that sends messages for us; any answer of 2xx means that it took one."""

    def __init__(self, settings: HttpSettings, client: HttpClient, jsonnet: Jsonnet) -> None:
        self._settings = settings
        self._client = client
        self._jsonnet = jsonnet

    async def send(self, message: Message) -> None:
        """Hands one message over; see ``Channel``."""
        try:
            check_recipient(message.type, message.recipient)
        except InvalidRecipient as error:
            raise Refused(str(error), "invalid recipient") from None
        content = await self._body(message)
        try:
            reply = await self._client(self._settings.method, self._settings.url, self._headers(), content)
        except Exception as error:
            # The words of a client may hold the address with its credentials; its type says enough.
            reason = f"the HTTP service cannot be reached ({type(error).__name__})"
            raise Unreachable(reason, "unreachable") from None
        if not 200 <= reply.status < 300:
            raise Refused(f"the HTTP service answered {reply.status}", f"status {reply.status}")

    def _headers(self) -> dict[str, str]:
        headers = dict(self._settings.headers)
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        if self._settings.auth:
            name, value = self._settings.auth.header()
            headers[name] = value
        return headers

    async def _body(self, message: Message) -> bytes:
        if not self._settings.snippet:
            return _json(standard_body(message))
        try:
            return _json(await self._jsonnet(self._settings.snippet, {}, {"ctx": context(message)}))
        except Exception as error:
            reason = f"the body cannot be made from request_config.body: {error}"
            raise Refused(reason, "body") from None


def context(message: Message) -> dict[str, Any]:
    """What a body's Jsonnet gets as ``ctx``."""
    whole: dict[str, Any] = {
        "recipient": message.recipient,
        "subject": message.subject,
        "body": message.body,
        "template_type": message.template_type,
        "template_data": message.template_data,
        "message_type": message.type,
        "request_headers": message.request_headers,
    }
    return whole | ({"html_body": message.html_body} if message.type == EMAIL else {})


def standard_body(message: Message) -> dict[str, Any]:
    """The body where none is configured."""
    data = message.template_data
    copied = {name: data.get(name) for name in _COPIED}
    whole = {"recipient": message.recipient, "template_type": message.template_type, "to": data.get("to")}
    return {**whole, **copied, "subject": message.subject, "body": message.body}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
