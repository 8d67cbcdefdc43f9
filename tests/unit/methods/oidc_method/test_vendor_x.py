"""X speaks OAuth 1.0a: signatures instead of secrets, request tokens instead of codes."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from identity_server.errors import ApiError
from identity_server.methods.oidc_method.providers.x import signature
from identity_server.methods.oidc_method.refusals import ProviderRefused
from unit.methods.oidc_method.vendors import Net, arrive, begin, provider

pytestmark = pytest.mark.anyio
API = "https://api.twitter.com"
ME = f"{API}/1.1/account/verify_credentials.json"


def x(**answers: Any) -> Net:
    known = {
        f"{API}/oauth/request_token": b"oauth_token=request-1&oauth_token_secret=s&oauth_callback_confirmed=true",
        f"{API}/oauth/access_token": b"oauth_token=access-1&oauth_token_secret=hidden&user_id=38895958",
        ME: {
            "id_str": "38895958",
            "name": "Sean",
            "screen_name": "theSeanCook",
            "email": "sean@example.com",
            "url": None,
        },
    }
    return Net({**known, **answers})


def header(value: str) -> dict[str, str]:
    fields = (part.partition("=") for part in value.removeprefix("OAuth ").split(", "))
    return {name: text.strip('"') for name, _, text in fields}


def test_a_signature_as_the_standard_s_example_has_it() -> None:
    """RFC 5849, 1.2: the printer's request for an access token."""
    parameters = {
        "oauth_consumer_key": "dpf43f3p2l4k3l03",
        "oauth_token": "hh5s93j4hdidpola",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "walatlh",
        "oauth_verifier": "hfdp7dh39dks9884",
    }
    made = signature("POST", "https://photos.example.net/token", parameters, "kd94hf93k423kf44&hdhd0244k9j7ao03")
    assert made == "gKgrFCywp7rO0OXSjdot/IHF7IU="


async def test_the_callback_brings_our_state_and_looks_like_any_other() -> None:
    net = x()
    place, asked, _ = await begin(provider("x", net))
    assert (place, asked) == (f"{API}/oauth/authenticate", {"oauth_token": "request-1"})
    from urllib.parse import unquote

    sent = unquote(header(net.at(f"{API}/oauth/request_token").headers["Authorization"])["oauth_callback"])
    assert dict(parse_qsl(urlsplit(sent).query)) == {"state": "the-state", "code": "unused"}


async def test_the_user_is_asked_for_with_the_access_token_s_signature() -> None:
    net = x()
    found = await arrive(provider("x", net, scope=("email",)), oauth_token="request-1", oauth_verifier="v")
    assert (found.subject, found.values["preferred_username"]) == ("38895958", "theSeanCook")
    assert found.values["email"] == "sean@example.com"
    asked = net.at(ME)
    assert asked.query == {"include_email": "true"}
    assert header(asked.headers["Authorization"])["oauth_token"] == "access-1"
    assert "hidden" not in asked.headers["Authorization"]


async def test_no_address_is_asked_for_unless_it_was_configured() -> None:
    net = x()
    await arrive(provider("x", net), oauth_token="request-1", oauth_verifier="v")
    assert net.at(ME).query == {}


def test_a_denial_has_a_name_of_its_own() -> None:
    assert provider("x", x()).refusal({"denied": "request-1", "state": "s"}) == "access_denied"
    assert provider("x", x()).refusal({"state": "s"}) == ""


@pytest.mark.parametrize("answer", [{}, {"oauth_token": "request-1"}, {"oauth_verifier": "v"}])
async def test_a_callback_without_a_verifier(answer: dict[str, str]) -> None:
    with pytest.raises(ProviderRefused, match="verifier"):
        await arrive(provider("x", x()), **answer)


@pytest.mark.parametrize("answer", [(401, b"{}"), b"no=tokens", b"\xff"])
async def test_a_verifier_that_x_does_not_take(answer: Any) -> None:
    net = x(**{f"{API}/oauth/access_token": answer})
    with pytest.raises(ProviderRefused):
        await arrive(provider("x", net), oauth_token="request-1", oauth_verifier="v")


@pytest.mark.parametrize("answer", [(401, b""), b"oauth_token=t&oauth_callback_confirmed=false", b""])
async def test_a_client_that_x_does_not_know(answer: Any) -> None:
    with pytest.raises(ApiError) as caught:
        await begin(provider("x", x(**{f"{API}/oauth/request_token": answer})))
    assert caught.value.status == 502


@pytest.mark.parametrize("me", [(403, {}), b"<html>", {}, []])
async def test_a_user_that_x_does_not_show(me: Any) -> None:
    with pytest.raises(ProviderRefused):
        await arrive(provider("x", x(**{ME: me})), oauth_token="request-1", oauth_verifier="v")
