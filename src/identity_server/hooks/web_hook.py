"""One call of a web hook: its body, the request, and how that may fail."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import urlencode

import orjson
import structlog

from identity_server.courier.channels.http_post import HttpSettings, http_settings
from identity_server.mappers.errors import MapperError
from identity_server.outbound.answers import Answer
from identity_server.outbound.errors import OutboundError, Reason
from identity_server.randomness import new_id
from identity_server.services import Services

_log = structlog.get_logger("hooks")
#: For the call with its retries; people wait meanwhile.
SECONDS = 10.0
RETRIES = 2
#: How long a template that was read from a file or the web is used.
TEMPLATE_SECONDS = 60.0
#: A template that raises this error wants no call.
CANCEL = "cancel"
LONGEST_DETAIL = 500

Mode = Literal["after", "ignore", "parse", "interrupt"]


class HookFailed(Exception):
    """A hook that keeps the flow from going on.

    Attributes:
        status: 502 when the other side refuses, 504 when it takes too long, 500 for everything else.
        reason: for the person; says nothing about addresses or what the other side answered.
        again: whether another call may well succeed.
    """

    def __init__(self, status: int, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.again = again


@dataclass(frozen=True)
class WebHook:
    """A web hook as configured.

    Attributes:
        label: for the log.
        mode: ``after`` needs a good answer, ``ignore`` none; ``interrupt`` may stop a flow, and ``parse`` may also
            change the identity.
        body: where the template is.
    """

    label: str
    mode: Mode
    body: str
    request: HttpSettings

    @property
    def reads_answer(self) -> bool:
        """Whether it runs before anything is stored."""
        return self.mode in ("parse", "interrupt")


def web_hook(config: Mapping[str, Any]) -> WebHook:
    """The values of a web hook's ``config``.

    Raises:
        HookFailed: when they cannot be used.
    """
    response = config.get("response") or {}
    mode: Mode = "after"
    if response.get("ignore"):
        mode = "ignore"
    elif response.get("parse"):
        mode = "parse"
    elif config.get("can_interrupt"):
        mode = "interrupt"
    label = str(config.get("id") or "web_hook")
    try:
        return WebHook(label, mode, str(config.get("body") or ""), http_settings(config))
    except ValueError as error:
        _log.error("web hook cannot be called", hook=label, why=str(error))
        raise HookFailed(500, "A web hook of this server is not configured properly.") from None


class WebHookClient:
    """Calls web hooks."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._templates: dict[str, tuple[float, str]] = {}

    async def call(self, hook: WebHook, ctx: Mapping[str, Any], call_id: str = "") -> Answer | None:
        """The answer, whatever its status; None when the template wants no call.

        Args:
            call_id: of an earlier call that this one repeats.

        Raises:
            HookFailed: when there is no answer.
        """
        headers = self._headers(hook.request, call_id or new_id())
        made = await self._body(hook, ctx, form=_is_form(headers))
        if made is None:
            return None
        request = hook.request
        try:
            answer = await self._services.outbound.request(
                request.method, request.url, headers, made, seconds=SECONDS, retries=RETRIES
            )
        except OutboundError as error:
            _log.error("web hook gave no answer", hook=hook.label, cause=error.reason.value)
            if error.reason is Reason.TIMEOUT:
                raise HookFailed(504, "A service that this server asks did not answer in time.", again=True) from None
            again = error.reason is Reason.UNREACHABLE
            raise HookFailed(500, "A service that this server asks could not be reached.", again=again) from None
        _log.info("web hook called", hook=hook.label, status=answer.status)
        return answer

    @staticmethod
    def _headers(request: HttpSettings, call_id: str) -> dict[str, str]:
        headers = dict(request.headers)
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        if request.auth:
            name, value = request.auth.header()
            headers[name] = value
        # The same in every retry, so that the other side can tell a repetition.
        return headers | {"Ory-Webhook-Request-ID": call_id, "Ory-Webhook-Trigger-ID": new_id()}

    async def _body(self, hook: WebHook, ctx: Mapping[str, Any], *, form: bool) -> bytes | None:
        try:
            value = await self._services.jsonnet.evaluate(await self._template(hook), tla={"ctx": ctx})
            return form_body(value) if form else orjson.dumps(value)
        except MapperError as error:
            if error.raised == CANCEL and not form:
                return None
            detail = error.detail[:LONGEST_DETAIL]
            _log.error("template of a web hook failed", hook=hook.label, cause=error.reason.name, detail=detail)
        except ValueError as error:
            _log.error("template of a web hook cannot be used", hook=hook.label, why=str(error))
        raise HookFailed(500, "The request for a web hook could not be made.")

    async def _template(self, hook: WebHook) -> str:
        """The template.

        Raises:
            ValueError: when it cannot be read.
        """
        if not hook.body:
            raise ValueError("config.body is missing: Jsonnet with a function(ctx) is needed")
        read_at, text = self._templates.get(hook.body, (float("-inf"), ""))
        if time.monotonic() - read_at < TEMPLATE_SECONDS:
            return text
        try:
            text = (await self._services.read_uri(hook.body)).decode()
        except OutboundError as error:
            raise ValueError(f"config.body: {error}") from None
        self._templates[hook.body] = (time.monotonic(), text)
        return text


def _is_form(headers: Mapping[str, str]) -> bool:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return kind.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def form_body(value: Any) -> bytes:
    """An object of plain values as a form.

    Raises:
        ValueError: when it is something else.
    """
    if not isinstance(value, dict):
        raise ValueError("for a form the template must make an object")
    fields = cast("dict[str, Any]", value)
    if any(isinstance(item, (dict, list)) for item in fields.values()):
        raise ValueError("for a form the template must make an object of texts, numbers and booleans")
    texts = {name: item if isinstance(item, str) else orjson.dumps(item).decode() for name, item in fields.items()}
    return urlencode(sorted(texts.items())).encode()
