"""What a mailbox is to tests: codes and links out of the queue, and flows that wait for them."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import orjson
from sqlalchemy import bindparam, select

from identity_server.storage import tables
from identity_server.storage.port import Statement
from live_server import merged
from server_kit import PUBLIC, Server, client, serving

JSON = {"accept": "application/json"}
PASSWORD = "wind-9-Mill-Sail"
_M = tables.courier_messages
_SENT = Statement(
    select(_M.c.template_type, _M.c.template_data, _M.c.channel)
    .where(_M.c.recipient == bindparam("recipient"))
    .order_by(_M.c.created_at, _M.c.id)
)

WITH_CODES: dict[str, Any] = {
    "selfservice": {
        "allowed_return_urls": ["https://app.test"],
        "methods": {"code": {"enabled": True}},
        "flows": {
            "recovery": {"enabled": True, "use": "code", "ui_url": "https://app.test/recovery"},
            "verification": {"enabled": True, "use": "code", "ui_url": "https://app.test/verification"},
            "settings": {"ui_url": "https://app.test/settings"},
            "error": {"ui_url": "https://app.test/error"},
        },
    }
}
WITH_LINKS: dict[str, Any] = merged(
    WITH_CODES,
    {
        "selfservice": {
            "methods": {"link": {"enabled": True}},
            "flows": {"recovery": {"use": "link"}, "verification": {"use": "link"}},
        }
    },
)


class Time:
    """A clock that tests move; by itself it goes on just enough to tell what came first."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@asynccontextmanager
async def mailing(
    folder: Path, dsn: str = "", *overrides: Mapping[str, Any], clock: Any = None
) -> AsyncIterator[Server]:
    """A server that recovers and verifies by code, and what else ``overrides`` say."""
    settings: dict[str, Any] = WITH_CODES
    for more in overrides:
        settings = merged(settings, more)
    async with serving(folder, dsn, settings, **({"clock": clock} if clock else {})) as server:
        yield server


@dataclass
class Mail:
    """A message in the queue."""

    type: str
    data: dict[str, Any]
    channel: str

    @property
    def code(self) -> str:
        return next(value for name, value in self.data.items() if name.endswith("_code"))

    @property
    def link(self) -> str:
        return next(value for name, value in self.data.items() if name in ("recovery_url", "verification_url"))

    @property
    def path(self) -> str:
        return self.link.removeprefix(f"http://127.0.0.1:{PUBLIC}")


async def mails(server: Server, to: str) -> list[Mail]:
    """All that was sent to an address, oldest first."""
    rows = await server.runtime.services.database.fetch(_SENT(recipient=to))
    return [Mail(row[0], orjson.loads(row[1]), row[2]) for row in rows]


async def last_mail(server: Server, to: str) -> Mail:
    """The newest message to an address."""
    return (await mails(server, to))[-1]


def browser(server: Server) -> httpx2.AsyncClient:
    """Another browser, with cookies of its own."""
    return client(server.public._transport.app, PUBLIC)  # type: ignore[attr-defined]


def ids(body: Mapping[str, Any]) -> list[int]:
    """Ids of the messages of a form, those of fields included."""
    ui = body["ui"]
    fields = [message["id"] for node in ui["nodes"] or () for message in node["messages"]]
    return [*(message["id"] for message in ui.get("messages", ())), *fields]


def value_of(body: Mapping[str, Any], name: str) -> Any:
    """The value of a field."""
    return next(
        node["attributes"].get("value") for node in body["ui"]["nodes"] if node["attributes"].get("name") == name
    )


@dataclass
class Form:
    """A native flow under way."""

    server: Server
    kind: str
    id: str

    async def send(self, **fields: Any) -> httpx2.Response:
        self.server.public.cookies.clear()  # an app keeps none
        return await self.server.public.post(f"/self-service/{self.kind}?flow={self.id}", json=fields)

    async def ask(self, email: str, method: str = "code") -> httpx2.Response:
        return await self.send(method=method, email=email)

    async def code(self, code: str) -> httpx2.Response:
        return await self.send(method="code", code=code)


async def begin(server: Server, kind: str = "recovery", query: str = "") -> Form:
    """A native flow."""
    answer = await server.public.get(f"/self-service/{kind}/api{query}")
    assert answer.status_code == 200, answer.text
    return Form(server, kind, answer.json()["id"])


@dataclass
class Page:
    """A browser's flow under way."""

    who: httpx2.AsyncClient
    kind: str
    id: str
    token: str

    async def send(self, *, page: bool = False, **fields: Any) -> httpx2.Response:
        address, form = f"/self-service/{self.kind}?flow={self.id}", {"csrf_token": self.token, **fields}
        if page:
            return await self.who.post(address, data=form, headers={"accept": "text/html"})
        return await self.who.post(address, json=form)

    async def shown(self) -> dict[str, Any]:
        answer = await self.who.get(f"/self-service/{self.kind}/flows?id={self.id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def open_page(who: httpx2.AsyncClient, kind: str = "recovery", query: str = "") -> Page:
    """A flow in a browser."""
    answer = await who.get(f"/self-service/{kind}/browser{query}", headers=JSON)
    assert answer.status_code == 200, answer.text
    return Page(who, kind, answer.json()["id"], value_of(answer.json(), "csrf_token"))


MEMBER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "email": {
                    "type": "string",
                    "format": "email",
                    "title": "E-mail",
                    "ory.sh/kratos": {
                        "credentials": {"password": {"identifier": True}, "code": {"identifier": True, "via": "email"}},
                        "verification": {"via": "email"},
                        "recovery": {"via": "email"},
                    },
                },
                "spare": {
                    "type": "string",
                    "format": "email",
                    "ory.sh/kratos": {"verification": {"via": "email"}, "recovery": {"via": "email"}},
                },
                "phone": {
                    "type": "string",
                    "format": "tel",
                    "ory.sh/kratos": {
                        "credentials": {"code": {"identifier": True, "via": "sms"}},
                        "verification": {"via": "sms"},
                        "recovery": {"via": "sms"},
                    },
                },
                "nickname": {"type": "string", "title": "Nickname"},
            },
            "required": ["email"],
            "additionalProperties": False,
        }
    },
}


def schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with an identity schema."""
    encoded = base64.b64encode(orjson.dumps(document)).decode()
    return {"identity": {"schemas": [{"id": "default", "url": f"base64://{encoded}"}]}}


#: A way out for SMS, which no test uses.
SMS: dict[str, Any] = {
    "courier": {
        "channels": [
            {
                "id": "sms",
                "type": "http",
                "request_config": {"url": "http://127.0.0.1:1/sms", "method": "POST", "body": "base64://e30="},
            }
        ]
    }
}
