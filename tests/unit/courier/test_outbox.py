"""Flows put messages into the outbox, which renders, limits and stores them."""

import asyncio
import re
from datetime import timedelta

import pytest

from identity_server.courier.errors import InvalidRecipient
from identity_server.courier.outbox import Occasion, Outbox
from identity_server.courier.ports import Limit
from identity_server.courier.rendering import Renderer
from unit.courier.memory_store import ManualClock, MemoryStore

pytestmark = pytest.mark.anyio

IDENTITY = {"id": "7a9c", "schema_id": "member", "traits": {"email": "irma@mail.test", "nickname": "<Irma> & Co"}}
OCCASION = Occasion(request_url="https://app.test/self-service/recovery/browser", transient_payload={"lang": "de"})
NATIVE = Occasion(request_url="http://127.0.0.1:4433/self-service/login/api")
BROWSER = Occasion(request_url="http://127.0.0.1:4433/self-service/login/browser", domain="127.0.0.1")
PHONE = "+4915112345678"
CODE = re.compile(r"(?<![\w/-])\d{6}(?![\w-])")
LINK = re.compile(r"https?://[^\s\"'<>]+")


@pytest.fixture
def outbox(store: MemoryStore, clock: ManualClock) -> Outbox:
    return Outbox(store, Renderer(), clock)


async def test_a_recovery_code_is_in_subject_text_and_html_and_there_is_no_link(
    outbox: Outbox, store: MemoryStore
) -> None:
    assert await outbox.send_recovery_code("irma@mail.test", "123456", IDENTITY, OCCASION, minutes=60)
    message = store.only()
    assert (message.type, message.channel, message.template_type) == ("email", "email", "recovery_code_valid")
    assert message.subject == "Use code 123456 to recover access to your account"
    assert message.body == (
        "Recover access to your account by entering the following code:\n\n123456\n\n"
        "If this was not you, do nothing. This code expires in 60 minutes.\n"
    )
    assert CODE.findall(message.html_body) == ["123456"]
    assert not LINK.search(message.body + message.html_body)


async def test_the_data_is_kept_as_kratos_names_it(outbox: Outbox, store: MemoryStore) -> None:
    await outbox.send_recovery_code("irma@mail.test", "123456", IDENTITY, OCCASION, minutes=60)
    assert store.only().template_data == {
        "to": "irma@mail.test",
        "recovery_code": "123456",
        "identity": IDENTITY,
        "request_url": "https://app.test/self-service/recovery/browser",
        "transient_payload": {"lang": "de"},
        "expires_in_minutes": 60,
    }


async def test_a_verification_code_comes_with_its_link(outbox: Outbox, store: MemoryStore) -> None:
    url = "https://app.test/self-service/verification?code=123456&flow=9"
    await outbox.send_verification_code("irma@mail.test", "123456", url, IDENTITY, OCCASION, minutes=60)
    message = store.only()
    assert message.subject == "Use code 123456 to verify your account"
    assert LINK.findall(message.body) == [url]
    assert set(LINK.findall(message.html_body)) == {url.replace("&", "&amp;")}
    for text in (message.body, message.html_body):
        assert CODE.findall(LINK.sub("", text)) == ["123456"]


@pytest.mark.parametrize("kind", ["recovery", "verification"])
async def test_a_link_mail_has_the_link_and_no_code(outbox: Outbox, store: MemoryStore, kind: str) -> None:
    url = f"https://app.test/self-service/{kind}?flow=9&token=Zk3"
    send = outbox.send_recovery_link if kind == "recovery" else outbox.send_verification_link
    await send("irma@mail.test", url, IDENTITY, OCCASION, minutes=60)
    message = store.only()
    assert message.template_type == f"{kind}_valid"
    assert LINK.findall(message.body) == [url]
    assert url.replace("&", "&amp;") in message.html_body
    assert not CODE.search(LINK.sub("", message.body + message.html_body + message.subject))


async def test_an_unknown_address_learns_that_nobody_has_it(outbox: Outbox, store: MemoryStore) -> None:
    await outbox.send_recovery_code_unknown("who@mail.test", OCCASION)
    await outbox.send_recovery_link_unknown("who@mail.test", OCCASION)
    await outbox.send_verification_code_unknown("who@mail.test", OCCASION)
    await outbox.send_verification_link_unknown("who@mail.test", OCCASION)
    kinds = ["recovery_code_invalid", "recovery_invalid", "verification_code_invalid", "verification_invalid"]
    assert [message.template_type for message in store.messages] == kinds
    assert store.messages[-1].subject == "Someone tried to verify this email address"
    for message in store.messages:
        text = message.body + message.html_body + message.subject
        assert "who@mail.test" in text
        assert not CODE.search(text) and not LINK.search(text)


async def test_sms_of_a_native_flow_are_not_bound_to_a_site(outbox: Outbox, store: MemoryStore) -> None:
    await outbox.send_registration_code(PHONE, "111111", {"phone": PHONE}, NATIVE, minutes=60, channel="sms")
    await outbox.send_login_code(PHONE, "222222", IDENTITY, NATIVE, minutes=60, channel="sms")
    await outbox.send_verification_code(PHONE, "333333", "https://x/", IDENTITY, NATIVE, minutes=60, channel="sms")
    assert [message.body for message in store.messages] == [
        "Your registration code is: 111111\n\nIt expires in 60 minutes.\n",
        "Your login code is: 222222\n\nIt expires in 60 minutes.\n",
        "Your verification code is: 333333\n\nIf this was not you, do nothing. It expires in 60 minutes.\n",
    ]
    assert {(message.type, message.subject, message.html_body) for message in store.messages} == {("sms", "", "")}


async def test_sms_of_a_browser_are_bound_to_the_site(outbox: Outbox, store: MemoryStore) -> None:
    await outbox.send_recovery_code(PHONE, "123456", IDENTITY, BROWSER, minutes=60, channel="sms")
    message = store.only()
    assert message.body == "Your recovery code is: 123456\n\n@127.0.0.1 #123456\n"
    assert message.template_data["verification_code"] == "123456"
    assert message.template_data["request_url_domain"] == "127.0.0.1"
    assert "recovery_code" not in message.template_data


async def test_other_messages(outbox: Outbox, store: MemoryStore) -> None:
    await outbox.send_registration_code("new@mail.test", "123456", {"email": "new@mail.test"}, OCCASION, minutes=5)
    await outbox.send_login_code("irma@mail.test", "123456", IDENTITY, OCCASION, minutes=5)
    await outbox.send_address_changed("old@mail.test", IDENTITY, "2026-05-17T09:30:00Z", OCCASION)
    await outbox.send_test("op@mail.test", "Is it on?", "It is.")
    assert [message.subject for message in store.messages] == [
        "123456 is your code to create the account",
        "123456 is your code to sign in",
        "An address of your account was changed",
        "Is it on?",
    ]
    assert store.messages[0].template_data["traits"] == {"email": "new@mail.test"}
    assert "17 May 2026 at 09:30 UTC" in store.messages[2].body
    assert store.messages[3].body == "It is."


async def test_an_oauth2_request_is_handed_on(outbox: Outbox, store: MemoryStore) -> None:
    occasion = Occasion(oauth2_login_request={"client": {"client_name": "Shop"}})
    await outbox.send_login_code("irma@mail.test", "123456", IDENTITY, occasion, minutes=5)
    assert store.only().template_data["oauth2_login_request"] == {"client": {"client_name": "Shop"}}


async def test_what_a_message_says_is_not_in_its_repr(outbox: Outbox, store: MemoryStore) -> None:
    await outbox.send_recovery_code("irma@mail.test", "123456", IDENTITY, OCCASION, minutes=60)
    assert "123456" not in repr(store.only())
    assert "irma@" not in repr(store.only())


@pytest.mark.parametrize(
    "hostile",
    [
        "irma@mail.test\r\nBcc: evil@x.test",
        "irma@mail.test\nSubject: hello",
        "irma@mail.test,evil@x.test",
        "irma@mail.test; evil@x.test",
        "irma@mail.test>\r\nRCPT TO:<evil@x.test",
        "<irma@mail.test>",
        "Irma <irma@mail.test>",
        '"irma evil@x.test "@mail.test',
        "@relay.test:irma@mail.test",
        "irma@mail.test\x00@x.test",
        "irma@mail.test ",
        "irma(comment)@mail.test",
        "irma@[127.0.0.1]",
        "irma@mail.test@x.test",
        "irma@mail.test\u2028Bcc: evil@x.test",
        "=?utf-8?q?irma=40mail.test=2cevil=40x.test?=",
        "=?utf-8?q?evil=40x.test?=@mail.test",
        "irma@" + "a" * 300 + ".test",
        "irma@-mail.test",
        "irma.@mail.test",
        "",
        "irma",
    ],
)
async def test_t29_a_hostile_address_gets_no_message(outbox: Outbox, store: MemoryStore, hostile: str) -> None:
    with pytest.raises(InvalidRecipient):
        await outbox.send_recovery_code(hostile, "123456", IDENTITY, OCCASION, minutes=60)
    assert not store.messages


@pytest.mark.parametrize("hostile", ["12", "+49151\r\n1", "irma@mail.test", "+49" + "1" * 60, "tel:123456"])
async def test_t29_a_hostile_number_gets_no_message(outbox: Outbox, store: MemoryStore, hostile: str) -> None:
    with pytest.raises(InvalidRecipient):
        await outbox.send_login_code(hostile, "123456", IDENTITY, NATIVE, minutes=60, channel="sms")
    assert not store.messages


async def test_unusual_addresses_are_addresses(outbox: Outbox, store: MemoryStore) -> None:
    for address in ("o'neil+tag@mail.test", "jörg@exämple.test", "root@localhost", "a_b-c.d@sub.mail.test"):
        assert await outbox.send_login_code(address, "123456", IDENTITY, OCCASION, minutes=60)


# -- limits ---------------------------------------------------------------------------------------------------


async def test_t6_one_address_gets_five_messages_in_ten_minutes(
    outbox: Outbox, store: MemoryStore, clock: ManualClock
) -> None:
    async def send() -> bool:
        return await outbox.send_recovery_code("irma@mail.test", "123456", IDENTITY, OCCASION, minutes=60)

    assert await asyncio.gather(*(send() for _ in range(60))) == [True] * 5 + [False] * 55
    assert await outbox.send_recovery_code_unknown("irma@mail.test", OCCASION) is False
    assert await outbox.send_recovery_code("other@mail.test", "123456", IDENTITY, OCCASION, minutes=60)
    clock.advance(minutes=10, seconds=1)
    assert await send()


async def test_t6_one_address_gets_twenty_messages_in_an_hour(
    outbox: Outbox, store: MemoryStore, clock: ManualClock
) -> None:
    for _ in range(60):
        await outbox.send_login_code("irma@mail.test", "123456", IDENTITY, OCCASION, minutes=60)
        clock.advance(minutes=1)
    assert len(store.messages) == 20


async def test_the_limits_can_be_others_or_none(store: MemoryStore, clock: ManualClock) -> None:
    one = Outbox(store, Renderer(), clock, limits=[Limit(1, timedelta(hours=1))])
    assert await one.send_test("a@mail.test", "x", "y")
    assert not await one.send_test("a@mail.test", "x", "y")
    unlimited = Outbox(store, Renderer(), clock, limits=())
    for _ in range(30):
        assert await unlimited.send_test("a@mail.test", "x", "y")
