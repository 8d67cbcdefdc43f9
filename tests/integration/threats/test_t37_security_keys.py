"""T37: copied keys, challenges used again, wrong origins, and answers with any byte changed."""

import asyncio
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.factors import Browser, Form, Stage, stage
from software_keys import PRESENT, SITE, SoftwareKey, octets, text

pytestmark = pytest.mark.anyio
WRONG, NO_USER, REASON = 4000008, 4000015, 4000001
PASSWORDLESS = {"selfservice": {"methods": {"webauthn": {"config": {"passwordless": True}}}}}


async def challenge(browser: Browser) -> Form:
    """A login that asks for a passkey."""
    return await browser.start("login")


async def submit(browser: Browser, form: Form, answer: Any) -> tuple[int, list[int]]:
    """The status and the messages of a passkey's answer."""
    got = await browser.send(form, passkey_login=json.dumps(answer))
    body = got.json()
    return got.status_code, Form("login", body).messages if "ui" in body else []


def bytes_flipped(chance: random.Random, answer: dict[str, Any]) -> str:
    """The answer with one bit of one of its parts changed."""
    changed = json.loads(json.dumps(answer))
    part = chance.choice(["clientDataJSON", "authenticatorData", "signature", "userHandle", "id"])
    holder = changed if part == "id" else changed["response"]
    value = bytearray(octets(holder[part]))
    value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
    holder[part] = text(bytes(value))
    if part == "id":
        changed["rawId"] = changed["id"]
    return json.dumps(changed)


def cut_or_padded(chance: random.Random, answer: dict[str, Any]) -> str:
    """The answer with one of its parts shorter or longer."""
    changed = json.loads(json.dumps(answer))
    part = chance.choice(["clientDataJSON", "authenticatorData", "signature", "userHandle"])
    value = octets(changed["response"][part])
    at = chance.randrange(len(value))
    changed["response"][part] = text(chance.choice([value[:at], value + b"\0", value[at:] + value[:at], b"\0" + value]))
    return json.dumps(changed) if changed != answer else bytes_flipped(chance, answer)


def spelled_otherwise(chance: random.Random, answer: dict[str, Any]) -> str:
    """The answer with a character in one of its texts that lenient readers skip or take for another."""
    changed = json.loads(json.dumps(answer))
    part = chance.choice(["clientDataJSON", "authenticatorData", "signature", "userHandle"])
    value = changed["response"][part]
    at = chance.randrange(1, len(value))
    changed["response"][part] = value[:at] + chance.choice(["!", " ", "\n", "=", "+", "/", "é", "\0"]) + value[at:]
    return json.dumps(changed)


def broken_json(chance: random.Random, answer: dict[str, Any]) -> str:
    """The answer as JSON with a character gone or doubled."""
    whole = json.dumps(answer)
    at = chance.randrange(len(whole))
    return whole[:at] + chance.choice(["", whole[at] * 2]) + whole[at + 1 :]


MUTATIONS: list[Callable[[random.Random, dict[str, Any]], str]] = [
    bytes_flipped,
    bytes_flipped,
    bytes_flipped,
    cut_or_padded,
    spelled_otherwise,
    broken_json,
]


def same(mutated: str, answer: dict[str, Any]) -> bool:
    """Whether a change left all that matters as it was: white space, or members that nobody reads."""
    try:
        return bool(json.loads(mutated) == answer)
    except ValueError:
        return False


async def test_of_100_changed_assertions_none_signs_in_and_the_right_one_still_does(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        key, chance = SoftwareKey(), random.Random(37)
        await there.browser().register_passkey(key, "ada@example.com")
        browser = there.browser()
        form = await challenge(browser)
        answer = key.get(form.value("passkey_challenge"))
        tried = 0
        while tried < 120:
            mutated = MUTATIONS[tried % len(MUTATIONS)](chance, answer)
            if same(mutated, answer):
                continue
            tried += 1
            got = await browser.send(form, passkey_login=mutated, method="passkey")
            assert got.status_code == 400, mutated
            assert Form("login", got.json()).messages[0] in (WRONG, NO_USER, REASON)
            assert "set-cookie" not in got.headers or "ory_kratos_session" not in got.headers["set-cookie"]
        assert (await browser.whoami()).status_code == 401
        assert await submit(browser, form, answer) == (200, [])


def other_attestations(made: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer for other sites and challenges, and cut off anywhere. An attestation without proof is not signed."""
    said, told = octets(made["response"]["clientDataJSON"]), octets(made["response"]["attestationObject"])
    start = told.index(hashlib.sha256(SITE.encode()).digest())
    changed: list[tuple[bytes, bytes]] = []
    for at in range(32):
        changed.append((said, told[: start + at] + bytes([told[start + at] ^ 0x10]) + told[start + at + 1 :]))
    for at in range(0, len(told), len(told) // 30):
        changed.append((said, told[:at]))
    for at in range(0, len(said), len(said) // 30):
        changed.append((said[:at], told))
    right = json.loads(said)
    for name in ("type", "challenge", "origin"):
        for other in (right[name][:-1], right[name] + "A", right[name].swapcase(), "", None, 7):
            changed.append((json.dumps({**right, name: other}).encode(), told))
    return [
        {**made, "response": {"clientDataJSON": text(first), "attestationObject": text(second)}}
        for first, second in changed
    ]


async def test_of_100_changed_attestations_none_is_added(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        form = await browser.start("settings")
        made = SoftwareKey().create(form.value("webauthn_register_trigger"))
        hostile = other_attestations(made)
        assert len(hostile) > 100
        for other in hostile:
            got = await add(browser, form, other)
            assert got.status_code == 400, other
        assert await there.credential(identity_id, "webauthn") == {}
        assert (await add(browser, form, made)).status_code == 200


async def add(browser: Browser, form: Form, answer: dict[str, Any], *, flow_id: str = "") -> httpx2.Response:
    """The answer to a security key in the settings."""
    return await browser.send(
        form, flow_id=flow_id, webauthn_register=json.dumps(answer), webauthn_register_displayname="Stick"
    )


# -- challenges ------------------------------------------------------------------------


async def test_an_answer_counts_once_among_many_at_the_same_time(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        # A key that does not count its uses: only the challenge tells a repetition.
        key = SoftwareKey(step=0)
        await there.browser().register_passkey(key, "ada@example.com")
        for _ in range(3):
            browser = there.browser()
            form = await challenge(browser)
            answer = key.get(form.value("passkey_challenge"))
            answers = await asyncio.gather(*(submit(browser, form, answer) for _ in range(10)))
            assert sorted(status for status, _ in answers) == [200] + [400] * 9


async def test_an_answer_that_was_used_does_not_sign_in_again(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        key = SoftwareKey(step=0)
        await there.browser().register_passkey(key, "ada@example.com")
        browser = there.browser()
        form = await challenge(browser)
        answer = key.get(form.value("passkey_challenge"))
        assert await submit(browser, form, answer) == (200, [])
        browser.http.cookies.delete("ory_kratos_session")
        form.flow["ui"]["nodes"] = (await challenge(browser)).flow["ui"]["nodes"]
        again = await browser.send(form, passkey_login=json.dumps(answer))
        renewed = Form("login", again.json())
        assert (again.status_code, renewed.messages) == (400, [REASON])
        assert await submit(browser, renewed, key.get(renewed.value("passkey_challenge"))) == (200, [])


async def test_a_challenge_belongs_to_its_form(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey()
        await there.browser().register_passkey(key, "ada@example.com")
        browser = there.browser()
        mine, other = await challenge(browser), await challenge(browser)
        assert await submit(browser, mine, key.get(other.value("passkey_challenge"))) == (400, [WRONG])
        made_up = {"publicKey": {"challenge": text(b"x" * 32), "rpId": "app.test"}}
        assert await submit(browser, mine, key.get(made_up)) == (400, [WRONG])


async def test_a_challenge_is_good_for_ten_minutes_and_then_replaced(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey()
        await there.browser().register_passkey(key, "ada@example.com")
        browser = there.browser()
        form = await challenge(browser)
        answer = key.get(form.value("passkey_challenge"))
        there.time.move(minutes=10)
        assert await submit(browser, form, answer) == (400, [REASON])
        renewed = await browser.look(form)
        assert renewed.value("passkey_challenge") != form.value("passkey_challenge")
        assert await submit(browser, renewed, key.get(renewed.value("passkey_challenge"))) == (200, [])


async def test_a_key_is_not_added_twice_from_two_copies_of_a_form(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        saved = Form(
            "settings", (await browser.send(await browser.start("settings"), lookup_secret_disable=True)).json()
        )
        copy = saved.flow["ui"]["action"].partition("flow=")[2]
        assert copy != saved.flow["id"]
        key = SoftwareKey(step=0)
        answer = key.create(saved.value("webauthn_register_trigger"))
        added = await add(browser, saved, answer)
        assert added.status_code == 200
        removed = await browser.send(Form("settings", added.json()), webauthn_remove=key.id.hex())
        assert removed.status_code == 200
        assert (await add(browser, saved, answer, flow_id=copy)).status_code == 400
        assert (await add(browser, saved, answer)).status_code == 400
        assert "credentials" not in await there.credential(identity_id, "webauthn")


async def test_a_registration_s_answer_counts_once_as_well(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        browser, key = there.browser(), SoftwareKey()
        form = await browser.start("registration")
        made = json.dumps(key.create(form.value("passkey_create_data")))
        first = await browser.send(form, traits={"email": "ada@example.com"}, passkey_register=made)
        assert first.status_code == 200
        browser.http.cookies.delete("ory_kratos_session")
        form.flow["ui"]["nodes"] = (await browser.start("registration")).flow["ui"]["nodes"]
        again = await browser.send(form, traits={"email": "eve@example.com"}, passkey_register=made)
        assert again.status_code == 400
        assert len((await there.server.admin.get("/admin/identities")).json()) == 1


# -- copies ------------------------------------------------------------------------------


async def warned(there: Stage, identity_id: str, kind: str = "passkey") -> tuple[int, bool]:
    """The stored counter, and whether a copy was noticed."""
    (entry,) = (await there.credential(identity_id, kind))["credentials"]
    return entry["authenticator"]["sign_count"], entry["authenticator"]["clone_warning"]


async def passkey_sign_in(there: Stage, key: SoftwareKey) -> tuple[int, list[int]]:
    """A sign-in with a passkey."""
    browser = there.browser()
    form = await challenge(browser)
    return await submit(browser, form, key.get(form.value("passkey_challenge")))


@pytest.mark.parametrize("behind", [0, 1, 5])
async def test_a_copied_key_is_refused_and_noted(tmp_path: Path, behind: int) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey()
        identity_id = await there.browser().register_passkey(key, "ada@example.com")
        for _ in range(6):
            assert await passkey_sign_in(there, key) == (200, [])
        assert await warned(there, identity_id) == (7, False)
        copy = SoftwareKey(key.pair, key.id, count=key.count - behind - 1, user=key.user)
        assert await passkey_sign_in(there, copy) == (400, [WRONG])
        assert await warned(there, identity_id) == (7, True)
        assert await passkey_sign_in(there, key) == (200, [])
        assert await warned(there, identity_id) == (8, True), "the warning stays for an operator to see"


async def test_a_key_that_stops_counting_is_a_copy_and_one_that_never_did_is_none(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        counting, silent = SoftwareKey(), SoftwareKey(step=0)
        await there.browser().register_passkey(counting, "ada@example.com")
        await there.browser().register_passkey(silent, "bob@example.com")
        counting.count = counting.step = 0
        assert await passkey_sign_in(there, counting) == (400, [WRONG])
        for _ in range(3):
            assert await passkey_sign_in(there, silent) == (200, [])


async def test_without_the_key_nobody_can_make_it_look_copied(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey()
        identity_id = await there.browser().register_passkey(key, "ada@example.com")
        forged = SoftwareKey(id=key.id, user=key.user, count=-1)
        assert await passkey_sign_in(there, forged) == (400, [WRONG])
        assert await warned(there, identity_id) == (1, False)


async def test_a_form_sent_twice_is_no_sign_of_a_copy(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        key = SoftwareKey()
        identity_id = await there.browser().register_passkey(key, "ada@example.com")
        browser = there.browser()
        form = await challenge(browser)
        answer = key.get(form.value("passkey_challenge"))
        await asyncio.gather(*(submit(browser, form, answer) for _ in range(5)))
        assert await warned(there, identity_id) == (2, False)


async def test_the_counter_of_a_second_factor_counts_as_well(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        key = SoftwareKey()
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        await browser.add_key(key)
        copy = SoftwareKey(key.pair, key.id, user=key.user)

        async def prove(with_key: SoftwareKey) -> int:
            other = there.browser()
            await other.sign_in("ada@example.com")
            form = await other.start("login", "?aal=aal2")
            answer = json.dumps(with_key.get(form.value("webauthn_login_trigger")))
            return (await other.send(form, webauthn_login=answer)).status_code

        assert await prove(key) == 200
        assert await prove(copy) == 400
        assert await warned(there, identity_id, "webauthn") == (2, True)
        assert await prove(key) == 200


# -- origins and persons -------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "http://app.test", "https://app.test.evil.test", "https://sub.app.test", "", "null"]
)
async def test_an_answer_from_another_origin_is_refused(tmp_path: Path, origin: str) -> None:
    async with stage(tmp_path) as there:
        key, browser = SoftwareKey(), there.browser()
        registration = await browser.start("registration")
        made = json.dumps(key.create(registration.value("passkey_create_data"), origin))
        got = await browser.send(registration, traits={"email": "ada@example.com"}, passkey_register=made)
        assert got.status_code == 400
        await there.browser().register_passkey(key, "ada@example.com")
        form = await challenge(browser)
        assert await submit(browser, form, key.get(form.value("passkey_challenge"), origin)) == (400, [WRONG])
        other = "https://www.app.test"
        assert await submit(browser, form, key.get(form.value("passkey_challenge"), other)) == (200, [])


async def test_who_is_there_is_checked_where_the_configuration_wants_it(tmp_path: Path) -> None:
    strict = {
        "selfservice": {
            "methods": {"passkey": {"config": {"authenticator_selection": {"user_verification": "required"}}}}
        }
    }
    async with stage(tmp_path, overrides=strict) as there:
        key = SoftwareKey()
        await there.browser().register_passkey(key, "ada@example.com")
        key.flags = PRESENT
        assert await passkey_sign_in(there, key) == (400, [WRONG])


async def test_a_key_of_somebody_else_opens_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        ada, eve = SoftwareKey(), SoftwareKey()
        await there.browser().register_passkey(ada, "ada@example.com")
        await there.browser().register_passkey(eve, "eve@example.com")
        posing = SoftwareKey(eve.pair, eve.id, count=9, user=ada.user)
        assert await passkey_sign_in(there, posing) == (400, [WRONG])
        renamed = SoftwareKey(eve.pair, ada.id, count=9, user=ada.user)
        assert await passkey_sign_in(there, renamed) == (400, [WRONG])
        for handle in (b"", b"nobody", bytes(16), b"\xff" * 64, ada.user[:-1], ada.user + b"\0"):
            assert await passkey_sign_in(there, SoftwareKey(ada.pair, ada.id, count=9, user=handle)) == (400, [NO_USER])


async def test_a_second_factor_s_key_does_not_sign_in_as_a_passkey(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey()
        await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        await browser.add_key(key)
        assert await passkey_sign_in(there, key) == (400, [WRONG])


async def test_a_passwordless_security_key_signs_in_as_a_passkey_does(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=PASSWORDLESS) as there:
        key, browser = SoftwareKey(), there.browser()
        form = await browser.start("registration")
        made = json.dumps(key.create(form.value("webauthn_register_trigger")))
        answer = await browser.send(form, traits={"email": "ada@example.com"}, webauthn_register=made)
        assert answer.status_code == 200
        assert await passkey_sign_in(there, key) == (200, [])
