"""T10: sessions cannot be planted, guessed, shortened or read from the database."""

import re

import pytest

from identity_server.storage.sessions import token_hash
from integration.threats.people import browser, sign_in, sign_up, whoami
from server_kit import Server

pytestmark = pytest.mark.anyio
COOKIE = "ory_kratos_session"


def variants(secret: str) -> list[str]:
    """Spellings that are almost the secret."""
    return [
        secret[:-1],
        secret[1:],
        secret + "A",
        secret + " ",
        " " + secret,
        secret + "\x00",
        secret.swapcase(),
        secret.lower(),
        secret.removeprefix("ory_st_"),
        secret + "%",
        secret[:-1] + "_",
        secret + "=",
        f"{secret}, {secret}",
        f'"{secret}"',
    ]


async def test_t10_every_login_has_a_session_of_its_own(server: Server) -> None:
    await sign_up(server, "meg@mail.test")
    answers = [(await server.log_in("meg@mail.test", "wind-9-Mill-Sail")).json() for _ in range(3)]
    assert len({answer["session_token"] for answer in answers}) == 3
    assert len({answer["session"]["id"] for answer in answers}) == 3
    assert all(re.fullmatch(r"ory_st_[A-Za-z0-9]{32}", answer["session_token"]) for answer in answers)


async def test_t10_a_token_is_taken_letter_by_letter(server: Server) -> None:
    token = (await sign_up(server, "meg@mail.test"))["session_token"]
    assert (await whoami(server.public, **{"x-session-token": token})).status_code == 200
    for variant in variants(token):
        header = variant.replace("\x00", "")
        if header.strip() != token:
            answer = await whoami(server.public, **{"x-session-token": header})
            assert answer.status_code == 401, variant


async def test_t10_a_cookie_is_taken_letter_by_letter(server: Server) -> None:
    await sign_up(server, "meg@mail.test")
    async with browser(server) as meg:
        await sign_in(meg, "meg@mail.test")
        cookie = meg.cookies[COOKIE]
    for variant in [*variants(cookie), cookie[:-1] + chr(ord(cookie[-1]) ^ 1), "A" * len(cookie)]:
        value = variant.strip().replace("\x00", "").replace('"', "")
        if value != cookie:
            assert (await whoami(server.public, cookie=f"{COOKIE}={value}")).status_code == 401, variant


async def test_t10_a_planted_cookie_does_not_become_the_victims_session(server: Server) -> None:
    await sign_up(server, "mallory@mail.test")
    await sign_up(server, "meg@mail.test")
    async with browser(server) as mallory, browser(server) as meg:
        await sign_in(mallory, "mallory@mail.test")
        planted = mallory.cookies[COOKIE]
        await mallory.get("/self-service/logout/browser")
        meg.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
        await sign_in(meg, "meg@mail.test", "?refresh=true")
        assert meg.cookies[COOKIE] != planted
        assert (await whoami(meg)).json()["identity"]["traits"]["email"] == "meg@mail.test"
        assert (await whoami(mallory)).json()["identity"]["traits"]["email"] == "mallory@mail.test"


async def test_t10_signing_in_renews_the_anti_forgery_secret(server: Server) -> None:
    await sign_up(server, "meg@mail.test")
    async with browser(server) as meg:
        await meg.get("/self-service/login/browser")
        (name, before), *_ = [(key, value) for key, value in meg.cookies.items() if key.startswith("csrf_token_")]
        await sign_in(meg, "meg@mail.test")
        assert meg.cookies[name] != before


async def test_t10_the_database_holds_nothing_that_opens_a_session(server: Server) -> None:
    answer = await sign_up(server, "meg@mail.test")
    row = await server.runtime.services.sessions.row_by_id(answer["session"]["id"])
    assert row is not None
    stored = [str(value) for value in row]
    assert not any(answer["session_token"] in value for value in stored)
    digest = token_hash(answer["session_token"])
    assert (await whoami(server.public, **{"x-session-token": digest})).status_code == 401
    assert (await whoami(server.public, **{"x-session-token": answer["session"]["id"]})).status_code == 401
