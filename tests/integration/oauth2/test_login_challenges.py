"""Applications of an OAuth2 server send people here to sign in, and get them back."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
import pytest

import oauth2_server
import openid_provider
from live_server import merged
from oauth2_server import OAuth2Server
from server_kit import Server, serving
from social import HTML, JSON, browser, choose, configured, entry, form_of, person, to_provider

pytestmark = pytest.mark.anyio
EMAIL, PASSWORD = "ada@example.com", "wind-9-Mill-Sail"
WITH_PASSWORD = {"credentials": {"password": {"config": {"password": PASSWORD}}}}


@pytest.fixture
def hydra() -> Iterator[OAuth2Server]:
    with oauth2_server.running() as found:
        found.wants("c1")
        yield found


def overrides(hydra: OAuth2Server, **selfservice: Any) -> dict[str, Any]:
    base = {"oauth2_provider": {"url": hydra.url, "headers": {"X-Key": "a-key"}}}
    hooks = {"password": {"hooks": [{"hook": "session"}]}}
    return merged(base, {"selfservice": merged({"flows": {"registration": {"after": hooks}}}, selfservice)})


@pytest.fixture
async def server(hydra: OAuth2Server, dsn: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    del anyio_backend
    async with serving(tmp_path, dsn, overrides(hydra, methods={"totp": {"enabled": True}})) as found:
        yield found


async def arrive(who: httpx2.AsyncClient, kind: str = "login", challenge: str = "c1") -> dict[str, Any]:
    """The flow of a browser that an application sent."""
    answer = await who.get(f"/self-service/{kind}/browser?login_challenge={challenge}", headers=JSON)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def submit(
    who: httpx2.AsyncClient, flow: dict[str, Any], *, html: bool = False, **fields: Any
) -> httpx2.Response:
    token = next(n for n in flow["ui"]["nodes"] if n["attributes"].get("name") == "csrf_token")["attributes"]["value"]
    url = urlsplit(flow["ui"]["action"])._replace(scheme="", netloc="").geturl()
    body = {"csrf_token": token, "method": "password", **fields}
    if html:
        return await who.post(url, data=body, headers=HTML)
    return await who.post(url, json=body, headers=JSON)


async def sign_in(who: httpx2.AsyncClient, flow: dict[str, Any], **more: Any) -> httpx2.Response:
    return await submit(who, flow, identifier=EMAIL, password=PASSWORD, **more)


def onward(answer: httpx2.Response) -> str:
    """Where a browser is sent, whichever way it is told."""
    if answer.status_code == 422:
        return str(answer.json()["redirect_browser_to"])
    assert answer.status_code in (302, 303), answer.text
    return str(answer.headers["location"])


VERIFIER = "https://oauth.test/oauth2/auth?login_verifier=c1"


@pytest.mark.parametrize("html", [True, False])
async def test_signing_in_answers_the_challenge(server: Server, hydra: OAuth2Server, html: bool) -> None:
    identity = (await server.create(EMAIL, **WITH_PASSWORD))["id"]
    assert onward(await sign_in(server.public, await arrive(server.public), html=html)) == VERIFIER
    session = (await server.public.get("/sessions/whoami", headers=JSON)).json()
    ((challenge, told),) = hydra.accepted
    assert challenge == "c1"
    assert told == {
        "subject": identity,
        "identity_provider_session_id": session["id"],
        "remember": True,
        "remember_for": 86400,
        "amr": ["password"],
    }
    assert all(each["X-Key"] == "a-key" for each in hydra.headers)


async def test_the_application_s_secret_is_not_for_browsers(server: Server) -> None:
    flow = await arrive(server.public)
    assert flow["oauth2_login_request"]["client"] == {"client_id": "shop"}


async def test_a_wrong_password_answers_nothing(server: Server, hydra: OAuth2Server) -> None:
    await server.create(EMAIL, **WITH_PASSWORD)
    flow = await arrive(server.public)
    answer = await submit(server.public, flow, identifier=EMAIL, password="a-wrong-Password")
    assert answer.status_code == 400
    assert hydra.accepted == []


async def enrol(server: Server, who: httpx2.AsyncClient) -> str:
    """Gives somebody who is signed in an authenticator app."""
    flow = (await who.get("/self-service/settings/browser", headers=JSON)).json()
    nodes = {n["attributes"].get("name", n["attributes"].get("id")): n for n in flow["ui"]["nodes"]}
    secret = str(nodes["totp_secret_key"]["attributes"]["text"]["text"])
    saved = await submit(who, flow, method="totp", totp_code=pyotp.TOTP(secret).now())
    assert saved.status_code == 200, saved.text
    return secret


async def test_the_challenge_goes_along_to_the_second_factor(server: Server, hydra: OAuth2Server) -> None:
    await server.create(EMAIL, **WITH_PASSWORD)
    start = (await server.public.get("/self-service/login/browser", headers=JSON)).json()
    await sign_in(server.public, start)
    secret = await enrol(server, server.public)
    who = browser(server)
    step_up = onward(await sign_in(who, await arrive(who)))
    assert hydra.accepted == [], "one factor is not enough"
    assert parse_qs(urlsplit(step_up).query)["login_challenge"] == ["c1"]
    flow = (await who.get(step_up, headers=JSON)).json()
    done = await submit(who, flow, method="totp", totp_code=pyotp.TOTP(secret).now())
    assert onward(done) == VERIFIER
    assert hydra.accepted[0][1]["amr"] == ["password", "totp"]


async def test_a_remembered_person_with_half_a_session_is_not_waved_through(
    server: Server, hydra: OAuth2Server
) -> None:
    """The OAuth2 server remembers them, but this session has seen no second factor."""
    await server.create(EMAIL, **WITH_PASSWORD)
    start = (await server.public.get("/self-service/login/browser", headers=JSON)).json()
    await sign_in(server.public, start)
    await enrol(server, server.public)
    who = browser(server)
    await sign_in(who, (await who.get("/self-service/login/browser", headers=JSON)).json())
    hydra.wants("c1", skip=True)
    answer = await who.get("/self-service/login/browser?login_challenge=c1", headers=HTML)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (query["aal"], query["login_challenge"]) == (["aal2"], ["c1"])
    script = await who.get("/self-service/login/browser?login_challenge=c1", headers=JSON)
    assert (script.status_code, script.json()["redirect_browser_to"]) == (422, answer.headers["location"])
    assert hydra.accepted == []


@pytest.mark.parametrize("html", [True, False])
async def test_signing_up_answers_the_challenge(server: Server, hydra: OAuth2Server, html: bool) -> None:
    flow = await arrive(server.public, "registration")
    fields: dict[str, Any] = {"password": PASSWORD}
    fields |= {"traits.email": EMAIL} if html else {"traits": {"email": EMAIL}}
    answer = await submit(server.public, flow, html=html, **fields)
    if html:
        assert onward(answer) == VERIFIER
    else:
        steps = [
            each["redirect_browser_to"] for each in answer.json()["continue_with"] if "redirect_browser_to" in each
        ]
        assert steps == [VERIFIER]
    found = await person(server.public)
    assert found is not None
    assert [told["subject"] for _, told in hydra.accepted] == [found["id"]]


@pytest.mark.parametrize(
    "answer", [(200, b"no JSON"), (200, b"{}"), (200, b'{"redirect_to":7}'), (500, b""), (410, b"{}")]
)
async def test_an_answer_that_is_none(server: Server, hydra: OAuth2Server, answer: tuple[int, bytes]) -> None:
    await server.create(EMAIL, **WITH_PASSWORD)
    hydra.refusal = answer
    refused = await sign_in(server.public, await arrive(server.public))
    assert refused.status_code == 500
    assert refused.json()["error"]["details"]["status_code"] == answer[0]
    html = browser(server)
    assert "/error?" in onward(await sign_in(html, await arrive(html), html=True))


async def test_a_server_that_does_not_answer(hydra: OAuth2Server, tmp_path: Path) -> None:
    changed = merged(overrides(hydra), {"oauth2_provider": {"url": "http://127.0.0.1:9"}})
    async with serving(tmp_path, overrides=changed) as server:
        answer = await server.public.get("/self-service/login/browser?login_challenge=c1", headers=JSON)
        assert (answer.status_code, answer.json()["error"]["id"]) == (502, "upstream_error")


async def test_a_challenge_stays_one_parameter(server: Server, hydra: OAuth2Server) -> None:
    """What a browser sends as a challenge reaches no other part of the admin API."""
    for hostile in ("c1&client_id=x", "../../clients", "c1#", "c1%0d%0aX: y", "c1/accept"):
        answer = await server.public.get(
            "/self-service/login/browser", params={"login_challenge": hostile}, headers=JSON
        )
        assert answer.status_code == 400
    assert hydra.accepted == []


async def test_the_way_back_may_be_the_application_s(hydra: OAuth2Server, tmp_path: Path) -> None:
    changed = merged(overrides(hydra), {"oauth2_provider": {"override_return_to": True}})
    changed["selfservice"]["allowed_return_urls"] = ["https://oauth.test"]
    async with serving(tmp_path, overrides=changed) as server:
        for kind in ("login", "registration"):
            flow = await arrive(server.public, kind)
            assert flow["return_to"] == hydra.requests["c1"]["request_url"]


async def test_the_way_back_must_still_be_allowed(hydra: OAuth2Server, tmp_path: Path) -> None:
    changed = merged(overrides(hydra), {"oauth2_provider": {"override_return_to": True}})
    async with serving(tmp_path, overrides=changed) as server:
        answer = await server.public.get("/self-service/login/browser?login_challenge=c1", headers=JSON)
        assert answer.status_code == 400


async def test_an_address_is_proved_before_the_browser_goes_on(hydra: OAuth2Server, dsn: str, tmp_path: Path) -> None:
    """The challenge waits with the verification, and its code answers it."""
    hooks = [{"hook": "session"}, {"hook": "show_verification_ui"}]
    flows = {"registration": {"after": {"password": {"hooks": hooks}}}, "verification": {"enabled": True}}
    async with serving(tmp_path, dsn, overrides(hydra, flows=flows)) as server:
        flow = await arrive(server.public, "registration")
        answer = await submit(server.public, flow, html=True, password=PASSWORD, **{"traits.email": EMAIL})
        assert "/verification" in onward(answer)
        assert hydra.accepted == []
        verification = await form_of(server.public, answer, "verification")
        mails = (await server.admin.get("/admin/courier/messages")).json()
        code = re.search(r"\b[0-9]{6}\b", mails[0]["body"])
        assert code is not None
        done = await submit(server.public, verification, html=True, method="code", code=code.group())
        assert onward(done) == VERIFIER
        found = await person(server.public)
        assert found is not None
        assert [told["subject"] for _, told in hydra.accepted] == [found["id"]]


async def test_a_provider_s_sign_in_answers_the_challenge(hydra: OAuth2Server, dsn: str, tmp_path: Path) -> None:
    """Through the provider and back, for who is known, who is not, and who has to connect an account first."""
    with openid_provider.running() as provider:
        changed = merged(overrides(hydra), configured(entry(provider)))
        async with serving(tmp_path, dsn, changed) as server:
            for kind in ("login", "registration"):
                who = browser(server)
                back = await to_provider(await choose(who, await arrive(who, kind)))
                assert onward(await who.get(back, headers=HTML)) == VERIFIER
            assert [told["amr"] for _, told in hydra.accepted] == [["oidc"], ["oidc"]]
            await server.create("eve@example.com", **WITH_PASSWORD)
            provider.person = {"sub": "2002", "email": "eve@example.com"}
            who = browser(server)
            back = await to_provider(await choose(who, await arrive(who)))
            flow = await form_of(who, await who.get(back, headers=HTML))
            assert flow["oauth2_login_challenge"] == "c1"
            done = await submit(who, flow, identifier="eve@example.com", password=PASSWORD)
            assert onward(done) == VERIFIER
            assert hydra.accepted[-1][1]["amr"] == ["password", "oidc"]
