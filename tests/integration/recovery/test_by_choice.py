"""Recovery with a choice of addresses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.mailbox import MEMBER, SMS, Form, Time, begin, ids, last_mail, mailing, mails, schema
from server_kit import Server

pytestmark = pytest.mark.anyio

CHOICE = {"feature_flags": {"choose_recovery_address": True, "use_continue_with_transitions": True}}
EMAIL, SPARE, PHONE = "ada.lovelace@mail.test", "countess@other.test", "+4915112345678"


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server that lets people choose; Ada has three addresses, Bob one."""
    del anyio_backend
    async with mailing(tmp_path, "", CHOICE, schema(MEMBER), SMS, clock=time) as running:
        for traits in ({"email": EMAIL, "spare": SPARE, "phone": PHONE}, {"email": "bob@mail.test"}):
            answer = await running.admin.post("/admin/identities", json={"traits": traits})
            assert answer.status_code == 201, answer.text
        yield running


async def send(form: Form, **fields: Any) -> dict[str, Any]:
    answer = await form.send(method="code", **fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def choices(shown: dict[str, Any]) -> dict[str, str]:
    return {
        node["meta"]["label"]["text"]: node["attributes"]["value"]
        for node in shown["ui"]["nodes"]
        if node["attributes"]["name"] == "recovery_select_address"
    }


async def test_choices_are_shown_in_parts(server: Server) -> None:
    form = await begin(server)
    shown = await send(form, recovery_address=EMAIL)
    assert shown["state"] == "recovery_awaiting_address_choice"
    assert list(choices(shown)) == ["ad****@mail.test", "co****@other.test", "+49****78"]
    assert not any(part in str(shown) for part in ("countess", PHONE))


async def test_the_chosen_one_is_typed_in_full_and_gets_the_code(server: Server) -> None:
    form = await begin(server)
    chosen = choices(await send(form, recovery_address=EMAIL))["co****@other.test"]
    shown = await send(form, recovery_address=EMAIL, recovery_select_address=chosen)
    assert (shown["state"], ids(shown)) == ("recovery_confirming_address", [1060005])
    shown = await send(form, recovery_address=EMAIL, recovery_select_address=chosen, recovery_confirm_address=SPARE)
    assert (shown["state"], ids(shown)) == ("recovery_awaiting_code", [1060004])
    done = await send(form, code=(await last_mail(server, SPARE)).code)
    assert (done["state"], len(done["continue_with"])) == ("passed_challenge", 2)
    assert await mails(server, EMAIL) == []


async def test_a_wrong_confirmation_sends_nothing_and_says_the_same(server: Server) -> None:
    form = await begin(server)
    chosen = choices(await send(form, recovery_address=EMAIL))["co****@other.test"]
    typed = {"recovery_address": EMAIL, "recovery_select_address": chosen}
    shown = await send(form, **typed, recovery_confirm_address="colonel@other.test")
    assert (shown["state"], ids(shown)) == ("recovery_awaiting_code", [1060004])
    assert await mails(server, "colonel@other.test") == []
    assert await mails(server, SPARE) == []


async def test_the_one_that_was_typed_first_needs_no_confirmation(server: Server) -> None:
    form = await begin(server)
    chosen = choices(await send(form, recovery_address=PHONE))["+49****78"]
    shown = await send(form, recovery_address=PHONE, recovery_select_address=chosen)
    assert shown["state"] == "recovery_awaiting_code"
    message = await last_mail(server, PHONE)
    assert message.channel == "sms"
    assert (await send(form, code=message.code))["state"] == "passed_challenge"


async def test_a_single_address_and_an_unknown_one_are_answered_alike(server: Server) -> None:
    shown: list[str] = []
    for address in ("BOB@mail.test", "Bot@mail.test"):
        form = await begin(server)
        answer = await send(form, recovery_address=address)
        shown.append(str(answer["ui"]).replace(form.id, "ID").replace(address, "ADDRESS"))
        assert ids(answer) == [1060004]
    assert shown[0].replace("BO****", "Bo****") == shown[1]
    assert len(await mails(server, "bob@mail.test")) == 1


async def test_a_choice_that_was_made_up_sends_no_code_elsewhere(server: Server) -> None:
    form = await begin(server)
    await send(form, recovery_address=EMAIL)
    await send(form, recovery_address=EMAIL, recovery_select_address="bm90aGluZw==")
    assert await mails(server, SPARE) == []
    assert await mails(server, PHONE) == []


async def test_resending_and_wrong_codes(server: Server) -> None:
    form = await begin(server)
    await send(form, recovery_address="bob@mail.test")
    first = (await last_mail(server, "bob@mail.test")).code
    await send(form, recovery_address="bob@mail.test", recovery_confirm_address="bob@mail.test")
    assert ids(await send(form, code=first)) == [4060006]
    assert ids(await send(form, code="nothing")) == [4060006]
    done = await send(form, code=(await last_mail(server, "bob@mail.test")).code)
    assert done["state"] == "passed_challenge"


async def test_the_way_back(server: Server) -> None:
    form = await begin(server)
    chosen = choices(await send(form, recovery_address=EMAIL))["co****@other.test"]
    await send(form, recovery_address=EMAIL, recovery_select_address=chosen)
    assert len(choices(await send(form, screen="previous", recovery_address=EMAIL))) == 3
    assert (await send(form, screen="previous"))["state"] == "recovery_awaiting_address"


@pytest.mark.parametrize("fields", [{}, {"recovery_address": ""}, {"recovery_select_address": "x"}])
async def test_an_address_is_asked_for(server: Server, fields: dict[str, str]) -> None:
    form = await begin(server)
    answer = await form.send(method="code", **fields)
    assert (answer.status_code, ids(answer.json())) == (400, [4000002])


@pytest.mark.parametrize("address", ["no address", "\u0000", "ada@mail.test\r\nbcc: x@y.z", "@", "+", "a" * 5000])
async def test_whatever_is_typed_sends_nothing(server: Server, address: str) -> None:
    form = await begin(server)
    answer = await form.send(method="code", recovery_address=address)
    assert answer.status_code == 200
    assert await mails(server, address.replace("\0", "")) == []


async def test_a_finished_flow_starts_anew(server: Server) -> None:
    form = await begin(server)
    await send(form, recovery_address="bob@mail.test")
    await send(form, code=(await last_mail(server, "bob@mail.test")).code)
    answer = await form.send(method="code", recovery_address="bob@mail.test")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["continue_with"][0]["action"] == "show_recovery_ui"
