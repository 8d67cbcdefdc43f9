"""T31: codes, links and passwords in logs. Mail servers that refuse must not make the courier say what it carried."""

import asyncio
import json
import re
import time
from pathlib import Path

import httpx2
import pytest

from live_server import LiveServer, create_identity, live_server
from unit.courier.smtp_servers import Sink, mail_server

pytestmark = pytest.mark.anyio
PASSWORD = "wind-9-Mill-Sail"


class Echo(Sink):
    """A hostile mail server: its refusal repeats the whole mail, the code included."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        words = " ".join(envelope.original_content.decode().split())  # type: ignore[attr-defined]
        return f"554 refused: {words[:400]}"


def ask_for_codes(server: LiveServer) -> list[str]:
    """Has mails queued and answers their secrets: codes, links' tokens, the session's."""
    create_identity(server, "ida@mail.test", PASSWORD)
    for kind in ("recovery", "verification"):
        flow = httpx2.get(f"{server.public}self-service/{kind}/api").json()
        body = {"method": "code", "email": "ida@mail.test"}
        assert httpx2.post(flow["ui"]["action"], json=body).status_code == 200
    flow = httpx2.get(f"{server.public}self-service/login/api").json()
    body = {"method": "password", "identifier": "ida@mail.test", "password": PASSWORD}
    token = httpx2.post(flow["ui"]["action"], json=body).json()["session_token"]
    messages = httpx2.get(f"{server.admin}admin/courier/messages").json()
    codes = [re.findall(r"\b\d{6}\b", message["body"])[0] for message in messages]
    assert len(codes) == 2
    return [*codes, token, PASSWORD]


def settled(server: LiveServer) -> bool:
    messages = httpx2.get(f"{server.admin}admin/courier/messages").json()
    return {message["status"] for message in messages} == {"abandoned"}


def played(folder: Path, port: int, level: str) -> tuple[str, list[str]]:
    """What a server logs whose mails are all refused, and the secrets that it had to do with."""
    uri = f"smtp://127.0.0.1:{port}/?disable_starttls=true"
    overrides = {
        "courier": {"smtp": {"connection_uri": uri}, "message_retries": 1, "worker": {"pull_wait": "50ms"}},
        "log": {"level": level, "format": "json"},
        "selfservice": {
            "methods": {"code": {"enabled": True}},
            "flows": {"recovery": {"enabled": True}, "verification": {"enabled": True}},
        },
    }
    with live_server(folder, overrides=overrides, arguments=("--watch-courier",)) as server:
        secrets = ask_for_codes(server)
        end = time.monotonic() + 60
        while not settled(server):
            assert time.monotonic() < end
            time.sleep(0.1)
    return server.log.read_text(), secrets


@pytest.mark.parametrize("level", ["info", "trace"])
async def test_t31_a_refusing_mail_server_puts_no_code_into_the_log(tmp_path: Path, level: str) -> None:
    async with mail_server(Echo()) as port:
        text, secrets = await asyncio.to_thread(played, tmp_path, port, level)
    assert "message abandoned" in text
    for secret in secrets:
        assert secret not in text
    for line in text.splitlines():
        assert isinstance(json.loads(line), dict), line
