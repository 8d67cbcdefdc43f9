"""Built-in texts, the operator's templates, and what happens when those fail."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
import pytest
import structlog

from identity_server.courier.builtin_texts import BUILT_IN, PARTS
from identity_server.courier.go_templates.errors import TemplateSyntaxError
from identity_server.courier.outbox import Occasion, Outbox
from identity_server.courier.rendering import Renderer
from identity_server.courier.template_sources import TemplateUnreadable, load_templates
from identity_server.courier.template_types import TYPES
from unit.courier.memory_store import ManualClock, MemoryStore

pytestmark = pytest.mark.anyio

HUGO = {"schema_id": "member", "traits": {"nickname": "<Hugo> & Co", "newsletter": True}}


async def read(address: str) -> bytes:
    """What the server's own reader does, without the network."""
    if address.startswith("base64://"):
        return base64.b64decode(address.removeprefix("base64://"), validate=True)
    return await anyio.Path(unquote(address.removeprefix("file://"))).read_bytes()


def as_address(text: str) -> str:
    return "base64://" + base64.b64encode(text.encode()).decode()


def configured(subject: str = "", plaintext: str = "", html: str = "", sms: str = "") -> dict[str, Any]:
    mail = {"subject": as_address(subject), "body": {"plaintext": as_address(plaintext), "html": as_address(html)}}
    valid = {"email": mail, "sms": {"body": {"plaintext": as_address(sms)}}}
    return {"templates": {"recovery_code": {"valid": valid}}}


async def outbox(courier: dict[str, Any], store: MemoryStore) -> Outbox:
    return Outbox(store, Renderer(await load_templates(courier, read)), ManualClock())


async def test_every_built_in_text_compiles_and_knows_its_fields() -> None:
    renderer = Renderer()
    assert set(BUILT_IN) == set(TYPES)
    for name, texts in BUILT_IN.items():
        for part in PARTS:
            if texts.part(part):
                shown = renderer.text(name, part, {"to": "a@mail.test", "subject": "s", "body": "b", "html_body": "h"})
                assert shown and "<no value>" not in shown and "{{" not in shown


async def test_the_operators_templates_are_used(store: MemoryStore) -> None:
    courier = configured(
        subject="Hello {{ .Identity.traits.nickname | upper }}, a code for you\n",
        plaintext="Code {{ .RecoveryCode }} for {{ .To }} of {{ .Identity.schema_id }}.\n"
        "Valid {{ .ExpiresInMinutes }} minutes. Asked from {{ .TransientPayload.place }}.\n"
        "{{ if .Identity.traits.newsletter }}with letter{{ else }}without letter{{ end }}\n",
        html="<p>Code <b>{{ .RecoveryCode }}</b> for {{ .Identity.traits.nickname }}</p>\n",
        sms="{{ .RecoveryCode }} {{ .VerificationCode }} @{{ .RequestURLDomain }}",
    )
    box = await outbox(courier, store)
    occasion = Occasion("https://app.test/x", {"place": "the kiosk"}, domain="app.test")
    await box.send_recovery_code("hugo@mail.test", "123456", HUGO, occasion, minutes=60)
    await box.send_recovery_code("+4915112345678", "123456", HUGO, occasion, minutes=60, channel="sms")
    mail, sms = store.messages
    assert mail.subject == "Hello <HUGO> & CO, a code for you"
    assert mail.body == (
        "Code 123456 for hugo@mail.test of member.\nValid 60 minutes. Asked from the kiosk.\nwith letter\n"
    )
    assert mail.html_body == "<p>Code <b>123456</b> for &lt;Hugo&gt; &amp; Co</p>\n"
    assert sms.body == "123456 123456 @app.test"


async def test_a_part_without_a_template_keeps_the_built_in_text(store: MemoryStore) -> None:
    box = await outbox(configured(subject="Mine", html=" \n"), store)
    await box.send_recovery_code("hugo@mail.test", "123456", HUGO, Occasion(), minutes=60)
    await box.send_login_code("hugo@mail.test", "654321", HUGO, Occasion(), minutes=60)
    code, login = store.messages
    assert code.subject == "Mine"
    assert code.body.startswith("Recover access") and "<h1>Get back" in code.html_body
    assert login.subject == "654321 is your code to sign in"


async def test_files_of_the_override_folder_are_used_and_addresses_win(store: MemoryStore, tmp_path: Path) -> None:
    folder = tmp_path / "my mails" / "recovery_code" / "valid"
    folder.mkdir(parents=True)
    for name in ("email.subject", "email.body", "email.body.plaintext", "sms.body"):
        (folder / f"{name}.gotmpl").write_text(f"{name} {{{{ .RecoveryCode }}}}", encoding="utf-8")

    courier = configured(subject="Mine") | {"template_override_path": f"{tmp_path}/my mails/"}
    box = Outbox(store, Renderer(await load_templates(courier, read)), ManualClock())
    await box.send_recovery_code("hugo@mail.test", "123456", HUGO, Occasion(), minutes=60)
    await box.send_recovery_code("+4915112345678", "123456", HUGO, Occasion(), minutes=60, channel="sms")
    mail, sms = store.messages
    assert (mail.subject, mail.body) == ("Mine", "email.body.plaintext 123456")
    assert (mail.html_body, sms.body) == ("email.body 123456", "sms.body 123456")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Hi\n{{ .Identity.traits.x | nope }}", ":2:25: there is no function 'nope'"),
        ("{{ .RecoverCode }}", ":1:4: there is no field .RecoverCode here; there are .ExpiresInMinutes, .Identity"),
        ("{{ if }}", ":1:7: a value is missing"),
    ],
)
async def test_a_wrong_template_stops_the_start_with_its_place(source: str, says: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        await load_templates(configured(subject=source), read)
    assert str(caught.value).startswith("courier.templates.recovery_code.valid.email.subject" + says)


@pytest.mark.parametrize("address", ["file:///nowhere/at/all", "base64://***", "base64:///w=="])
async def test_an_unreadable_template_stops_the_start_with_its_option(address: str) -> None:
    courier = {"templates": {"login_code": {"valid": {"email": {"body": {"html": address}}}}}}
    with pytest.raises(TemplateUnreadable, match=r"courier\.templates\.login_code\.valid\.email\.body\.html"):
        await load_templates(courier, read)


async def test_an_address_that_is_a_folder_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "recovery" / "valid" / "email.subject.gotmpl").mkdir(parents=True)
    with pytest.raises(TemplateUnreadable, match=r"recovery/valid/email\.subject\.gotmpl"):
        await load_templates({"template_override_path": str(tmp_path)}, read)


async def test_a_template_that_fails_is_replaced_and_reported_without_data(store: MemoryStore) -> None:
    box = await outbox(configured(plaintext="x\n{{ index .Identity.traits.tags 3 }} {{ .RecoveryCode }}"), store)
    with structlog.testing.capture_logs() as logs:
        await box.send_recovery_code("hugo@mail.test", "123456", {"traits": {"tags": ["a"]}}, Occasion(), minutes=60)
    assert store.only().body.startswith("Recover access")
    assert logs == [
        {
            "event": "template failed",
            "log_level": "error",
            "template_type": "recovery_code_valid",
            "part": "plaintext",
            "where": "courier.templates.recovery_code.valid.email.body.plaintext:2:4",
        }
    ]


@pytest.mark.parametrize("name", ["Hugo\r\nBcc: evil@x.test", "Hugo\nX-Evil: 1", "Hugo\u2028x", "Hugo\x00\x1b[31mx"])
async def test_t29_a_trait_cannot_leave_the_subject(store: MemoryStore, name: str) -> None:
    box = await outbox(configured(subject="Hello {{ .Identity.traits.name }}\n"), store)
    await box.send_recovery_code("hugo@mail.test", "123456", {"traits": {"name": name}}, Occasion(), minutes=60)
    subject = store.only().subject
    assert subject.isprintable() and subject.startswith("Hello Hugo ")


async def test_t29_markup_in_a_trait_stays_text(store: MemoryStore) -> None:
    box = await outbox(configured(html="<p title='{{ .Identity.traits.name }}'>{{ .Identity.traits.name }}</p>"), store)
    identity = {"traits": {"name": "'><a href='https://evil.test'>click</a>"}}
    await box.send_recovery_code("hugo@mail.test", "123456", identity, Occasion(), minutes=60)
    assert store.only().html_body.count("<") == 2
