"""Signing up with a code."""

from typing import Any

import pytest

from integration.mailbox import Form, Time, begin, ids, last_mail, mails
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL, PHONE = "ada@mail.test", "+4915112345678"


async def asked(server: Server, **traits: Any) -> Form:
    form = await begin(server, "registration")
    answer = await form.send(method="code", traits={"email": EMAIL, **traits})
    assert (answer.status_code, ids(answer.json())) == (400, [1040005]), answer.text
    return form


async def test_nobody_exists_before_the_code(server: Server) -> None:
    form = await asked(server)
    assert (await server.admin.get("/admin/identities")).json() == []
    code = (await last_mail(server, EMAIL)).code
    answer = await form.send(method="code", traits={"email": EMAIL}, code=code)
    assert answer.status_code == 200
    assert answer.json()["identity"]["verifiable_addresses"][0]["verified"] is True
    assert answer.json()["session"]["authentication_methods"][0]["method"] == "code"


async def test_each_address_gets_a_code_and_the_one_that_comes_back_is_verified(server: Server) -> None:
    form = await asked(server, phone=PHONE)
    mailed, texted = (await last_mail(server, EMAIL)).code, (await last_mail(server, PHONE)).code
    assert mailed != texted
    answer = await form.send(method="code", traits={"email": EMAIL, "phone": PHONE}, code=texted)
    proved = {each["value"]: each["verified"] for each in answer.json()["identity"]["verifiable_addresses"]}
    assert proved == {EMAIL: False, PHONE: True}


async def test_traits_may_not_change_under_the_code(server: Server) -> None:
    form = await asked(server)
    code = (await last_mail(server, EMAIL)).code
    answer = await form.send(method="code", traits={"email": "eve@evil.test"}, code=code)
    assert ids(answer.json()) == [4000036]
    assert (await form.send(method="code", traits={"email": EMAIL}, code=code)).status_code == 200


async def test_another_address_gets_another_code(server: Server) -> None:
    form = await asked(server)
    first = (await last_mail(server, EMAIL)).code
    again = await form.send(method="code", traits={"email": "bob@mail.test"}, resend="code")
    assert ids(again.json()) == [1040005]
    wrong = await form.send(method="code", traits={"email": "bob@mail.test"}, code=first)
    assert ids(wrong.json()) == [4040003]
    right = (await last_mail(server, "bob@mail.test")).code
    assert (await form.send(method="code", traits={"email": "bob@mail.test"}, code=right)).status_code == 200


@pytest.mark.parametrize(
    ("traits", "messages"),
    [({}, [4000002]), ({"email": "ada"}, [4000040]), ({"email": EMAIL, "nobody": 1}, None), ([], None), ("x", None)],
)
async def test_bad_traits_send_nothing(server: Server, traits: Any, messages: list[int] | None) -> None:
    form = await begin(server, "registration")
    answer = await form.send(method="code", traits=traits)
    assert answer.status_code == 400
    if messages:
        assert ids(answer.json()) == messages
    assert await mails(server, EMAIL) == []


async def test_a_code_is_asked_for(server: Server) -> None:
    form = await asked(server)
    assert ids((await form.send(method="code", traits={"email": EMAIL})).json()) == [4000002]


async def test_a_late_code_starts_the_sign_up_anew(server: Server, time: Time) -> None:
    form = await asked(server)
    code = (await last_mail(server, EMAIL)).code
    time.passes(minutes=59, seconds=59)
    assert ids((await form.send(method="code", traits={"email": EMAIL}, code="000000")).json()) == [4040003]
    time.passes(seconds=1)
    assert (await form.send(method="code", traits={"email": EMAIL}, code=code)).status_code == 410
    assert (await server.admin.get("/admin/identities")).json() == []


async def test_a_taken_address_is_told_after_the_code_alone(server: Server) -> None:
    await server.create(EMAIL)
    form = await asked(server)
    answer = await form.send(method="code", traits={"email": EMAIL}, code=(await last_mail(server, EMAIL)).code)
    assert (answer.status_code, ids(answer.json())) == (400, [4000007])
    again = await form.send(method="code", traits={"email": EMAIL}, code="000000")
    assert ids(again.json()) == [4010003]


async def test_a_password_may_not_be_set_along_the_way(server: Server) -> None:
    form = await asked(server)
    code = (await last_mail(server, EMAIL)).code
    answer = await form.send(method="code", traits={"email": EMAIL}, code=code, password="wind-9-Mill-Sail")
    assert answer.status_code == 200
    assert (await server.log_in(EMAIL, "wind-9-Mill-Sail")).status_code == 400
