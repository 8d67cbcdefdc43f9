"""T29: addresses and names that would like to become recipients, headers or markup, up to a real mail server."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.faults.people import eventually
from integration.mailbox import WITH_CODES
from live_server import LiveServer, create_identity, live_server, merged
from unit.courier.smtp_servers import Sink, mail_server

pytestmark = pytest.mark.anyio
VICTIM = "victim@mail.test"
HOSTILE_ADDRESSES = (
    f"ada@mail.test\r\nBcc: {VICTIM}",
    f"ada@mail.test\nTo: {VICTIM}",
    f"ada@mail.test,{VICTIM}",
    f"ada@mail.test;{VICTIM}",
    f"<{VICTIM}>",
    f'"ada" <{VICTIM}>, eve@mail.test',
    f"ada@mail.test\u2028Bcc: {VICTIM}",
    f"ada@mail.test%0d%0aBcc:{VICTIM}",
)
MARKUP = '"><img src=x onerror=alert(1)>'
#: A template that shows what a person wrote about themself, in the subject and in both bodies.
SUBJECT, PLAIN, HTML = (
    "Code {{ .RecoveryCode }} for {{ .Identity.traits.name }}",
    "Hello {{ .Identity.traits.name }}: {{ .RecoveryCode }}",
    "<p>Hello {{ .Identity.traits.name }}: {{ .RecoveryCode }}</p>",
)


def overrides(port: int, folder: Path) -> dict[str, Any]:
    names = ("subject", "plain", "html")
    for name, text in zip(names, (SUBJECT, PLAIN, HTML), strict=True):
        (folder / f"{name}.gotmpl").write_text(text)
    email = {
        "subject": f"file://{folder}/subject.gotmpl",
        "body": {"plaintext": f"file://{folder}/plain.gotmpl", "html": f"file://{folder}/html.gotmpl"},
    }
    courier = {
        "smtp": {"connection_uri": f"smtp://127.0.0.1:{port}/?disable_starttls=true"},
        "worker": {"pull_wait": "50ms"},
        "templates": {"recovery_code": {"valid": {"email": email}}},
    }
    return merged(WITH_CODES, {"courier": courier, "identity": {"schemas": [{"id": "default", "url": schema()}]}})


def schema() -> str:
    email = {
        "type": "string",
        "ory.sh/kratos": {"recovery": {"via": "email"}, "credentials": {"password": {"identifier": True}}},
    }
    traits = {"type": "object", "properties": {"email": email, "name": {"type": "string"}}}
    text = json.dumps({"type": "object", "properties": {"traits": traits}})
    return f"base64://{base64.b64encode(text.encode()).decode()}"


def ask(server: LiveServer, address: str, headers: dict[str, str] | None = None) -> int:
    flow = httpx2.get(server.public + "self-service/recovery/api", timeout=60, headers=headers).json()
    url = f"{server.public}self-service/recovery?flow={flow['id']}"
    return httpx2.post(url, json={"method": "code", "email": address}, timeout=60, headers=headers).status_code


def play(port: int, folder: Path) -> None:
    """Hostile people, and in the end one honest one."""
    with live_server(folder, overrides=overrides(port, folder), arguments=("--watch-courier",)) as server:
        for address in HOSTILE_ADDRESSES:
            body = {"schema_id": "default", "traits": {"email": address, "name": "Eve"}}
            assert httpx2.post(server.admin + "admin/identities", json=body, timeout=60).status_code < 500
            assert ask(server, address) < 500
        hostile = {"email": "mal@mail.test", "name": f"{MARKUP}\r\nBcc: {VICTIM}\r\n\r\n{{{{ .RecoveryCode }}}}"}
        body = {"schema_id": "default", "traits": hostile}
        assert httpx2.post(server.admin + "admin/identities", json=body, timeout=60).status_code == 201
        assert ask(server, "mal@mail.test", {"Host": "evil.example"}) == 200
        create_identity(server, "honest@mail.test")
        assert ask(server, "honest@mail.test") == 200
        eventually(lambda: sent(server, "honest@mail.test") and sent(server, "mal@mail.test"))


def sent(server: LiveServer, address: str) -> bool:
    found = httpx2.get(f"{server.admin}admin/courier/messages?recipient={address}", timeout=60).json()
    return bool(found) and found[0]["status"] == "sent"


async def test_t29_nobody_adds_a_recipient_a_header_or_markup(tmp_path: Path) -> None:
    sink = Sink()
    async with mail_server(sink) as port:
        await asyncio.to_thread(play, port, tmp_path)
    reached = [recipient for one in sink.received for recipient in one.recipients]
    assert "honest@mail.test" in reached and "mal@mail.test" in reached
    assert VICTIM not in reached
    for one in sink.received:
        assert len(one.recipients) == 1
        assert one.mail["Bcc"] is None and one.mail["Cc"] is None
        assert VICTIM not in str(one.mail["To"]) and len(one.mail.get_all("To", [])) == 1
        assert b"evil.example" not in one.raw
    (hostile,) = [one for one in sink.received if one.recipients == ["mal@mail.test"]]
    html = dict(hostile.texts())["text/html"]
    assert "<img" not in html and "onerror" in html, "it is shown, as text"
    assert "\n" not in str(hostile.mail["Subject"])
