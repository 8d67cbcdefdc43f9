"""Vendors with a profile of their own: shapes as their documentation shows them, and what becomes of them."""

import hashlib
import hmac
from typing import Any

import pytest

from identity_server.configuration.tree import at
from identity_server.errors import ApiError
from identity_server.methods.oidc_method.providers import catalogue
from identity_server.methods.oidc_method.refusals import ProviderRefused
from unit.methods.oidc_method.vendors import Net, arrive, begin, provider

pytestmark = pytest.mark.anyio
TOKEN = {"access_token": "at", "token_type": "bearer"}


def test_every_vendor_of_the_configuration_is_there() -> None:
    schema = at(("selfservice", "methods", "oidc", "config", "providers", "0", "provider"))
    assert schema is not None
    assert set(schema["enum"]) == set(catalogue.VENDORS)
    for vendor in catalogue.VENDORS:
        assert provider(vendor, Net({}), microsoft_tenant="common").settings.vendor == vendor


# -- github ------------------------------------------------------------------------

GITHUB = "https://github.com/login/oauth/access_token"
USER = {
    "login": "octocat",
    "id": 583231,
    "avatar_url": "https://avatars.test/u/583231",
    "html_url": "https://github.com/octocat",
    "name": "The Octocat",
    "blog": "https://octo.test",
    "email": "public@example.com",
    "updated_at": "2024-01-02T03:04:05Z",
}
ADDRESSES = [
    {"email": "old@example.com", "verified": False, "primary": False},
    {"email": "octo@example.com", "verified": True, "primary": True},
]


def github(scope: str = "read:user,user:email", user: Any = USER, addresses: Any = ADDRESSES) -> Net:
    return Net(
        {
            GITHUB: {**TOKEN, "scope": scope},
            "https://api.github.com/user": user,
            "https://api.github.com/user/emails": addresses,
        }
    )


async def test_github_s_primary_address_comes_from_an_endpoint_of_its_own() -> None:
    net = github()
    found = await arrive(provider("github", net, scope=("user:email",)))
    assert (found.subject, found.issuer) == ("583231", GITHUB)
    assert (found.values["email"], found.values["email_verified"]) == ("octo@example.com", True)
    assert (found.values["nickname"], found.values["website"]) == ("octocat", "https://octo.test")
    assert found.values["updated_at"] == 1704164645
    assert net.at(GITHUB).form["client_secret"] == "secret"


async def test_github_s_public_address_is_not_taken_for_a_verified_one() -> None:
    found = await arrive(provider("github", github("read:user"), scope=("read:user",)))
    assert "email" not in found.values
    assert "email_verified" not in found.values


async def test_github_s_last_address_stands_in_for_a_primary_one() -> None:
    found = await arrive(provider("github", github(addresses=ADDRESSES[:1]), scope=("user:email",)))
    assert found.values["email"] == "old@example.com"
    assert "email_verified" not in found.values


@pytest.mark.parametrize("granted", ["", "read:user", "user:emails", "read:user user:email"])
async def test_github_lets_people_grant_less(granted: str) -> None:
    with pytest.raises(ProviderRefused, match="user:email"):
        await arrive(provider("github", github(granted), scope=("user:email",)))


async def test_a_github_app_asks_for_no_scopes_and_needs_none() -> None:
    app = provider("github-app", github(""), scope=("user:email",))
    assert "scope" not in (await begin(app))[1]
    assert (await arrive(app)).values["email"] == "octo@example.com"


@pytest.mark.parametrize("user", [{}, [], (401, {"message": "Bad credentials"}), {"id": None}])
async def test_github_may_not_say_who_it_is(user: Any) -> None:
    with pytest.raises(ProviderRefused):
        await arrive(provider("github", github(user=user)))


# -- discord -----------------------------------------------------------------------


def discord(**user: Any) -> Net:
    shown = {"id": "80351110224678912", "username": "nelly", "discriminator": "0", "locale": "de", "verified": True}
    answers = {
        "https://discord.com/api/oauth2/token": {**TOKEN, "scope": "identify email"},
        "https://discord.com/api/users/@me": {**shown, "email": "nelly@example.com", **user},
    }
    return Net(answers)


async def test_discord_knows_two_forms_of_names() -> None:
    scope = ("identify", "email")
    assert (await arrive(provider("discord", discord(), scope=scope))).values["name"] == "nelly"
    old = await arrive(provider("discord", discord(discriminator="1337"), scope=scope))
    assert old.values["name"] == "nelly#1337"
    assert old.values["email_verified"] is True


@pytest.mark.parametrize(("avatar", "ending"), [("8342", "8342.png"), ("a_8342", "a_8342.gif"), (None, "")])
async def test_discord_s_pictures(avatar: str | None, ending: str) -> None:
    found = await arrive(provider("discord", discord(avatar=avatar)))
    assert found.values.get("picture", "").endswith(ending)


@pytest.mark.parametrize("vendor", ["discord", "patreon"])
async def test_nobody_is_asked_again_who_has_agreed_before(vendor: str) -> None:
    assert (await begin(provider(vendor, Net({}))))[1]["prompt"] == "none"
    assert (await begin(provider(vendor, Net({})), refresh=True))[1]["prompt"] == "consent"


# -- slack -------------------------------------------------------------------------


def slack(identity: Any) -> Net:
    answers = {
        "https://slack.com/api/oauth.access": {"ok": True, **TOKEN, "scope": "identity.basic,identity.email"},
        "https://slack.com/api/users.identity": identity,
    }
    return Net(answers)


async def test_slack_s_workspaces_vouch_for_addresses() -> None:
    user = {"id": "U0G9QF9C6", "name": "Sonny", "email": "sonny@example.com", "image_512": "https://slack.test/s.png"}
    net = slack({"ok": True, "user": user, "team": {"id": "T0G9PQBBK"}})
    found = await arrive(provider("slack", net, scope=("identity.basic",)))
    assert (found.subject, found.values["team"]) == ("U0G9QF9C6", "T0G9PQBBK")
    assert found.values["email_verified"] is True


@pytest.mark.parametrize("identity", [{"ok": False, "error": "missing_scope"}, {"ok": True}, {}])
async def test_slack_s_failures_come_with_the_status_200(identity: Any) -> None:
    with pytest.raises(ProviderRefused):
        await arrive(provider("slack", slack(identity)))


# -- facebook ----------------------------------------------------------------------


async def test_facebook_s_calls_carry_the_app_s_proof() -> None:
    user = {
        "id": "10",
        "name": "Ada Byron",
        "first_name": "Ada",
        "last_name": "Byron",
        "email": "ada@example.com",
        "picture": {"data": {"url": "https://fb.test/ada.jpg"}},
        "birthday": "12/10/1815",
    }
    net = Net({"https://graph.facebook.com/oauth/access_token": TOKEN, "https://graph.facebook.com/me": user})
    found = await arrive(provider("facebook", net))
    proof = hmac.new(b"secret", b"at", hashlib.sha256).hexdigest()
    assert net.at("https://graph.facebook.com/me").query["appsecret_proof"] == proof
    assert proof not in found.issuer
    assert (found.values["picture"], found.values["birthdate"]) == ("https://fb.test/ada.jpg", "12/10/1815")
    assert found.values["email_verified"] is True
    assert (await begin(provider("facebook", net), refresh=True))[1]["auth_type"] == "reauthenticate"


async def test_facebook_without_an_address_verifies_none() -> None:
    net = Net({"https://graph.facebook.com/oauth/access_token": TOKEN, "https://graph.facebook.com/me": {"id": "10"}})
    assert "email_verified" not in (await arrive(provider("facebook", net))).values


# -- vk, yandex, spotify -----------------------------------------------------------


def vk(users: Any) -> Net:
    tokens = {"access_token": "at", "user_id": 1, "email": "lenin@example.com"}
    return Net({"https://oauth.vk.com/access_token": tokens, "https://api.vk.com/method/users.get": users})


async def test_vk_s_address_comes_with_the_tokens() -> None:
    user = {"id": 743784474, "first_name": "Ada", "last_name": "Byron", "sex": 1, "bdate": "10.12.1815"}
    found = await arrive(provider("vk", vk({"response": [user]})))
    assert (found.subject, found.values["email"], found.values["gender"]) == (
        "743784474",
        "lenin@example.com",
        "female",
    )
    assert "email_verified" not in found.values


@pytest.mark.parametrize("users", [{"response": []}, {"error": {"error_code": 5}}, {"response": {}}, {}])
async def test_vk_s_failures_come_with_the_status_200(users: Any) -> None:
    with pytest.raises(ProviderRefused):
        await arrive(provider("vk", vk(users)))


@pytest.mark.parametrize(("empty", "shown"), [(False, True), (True, False)])
async def test_yandex_has_a_header_of_its_own_and_pictures_by_id(empty: bool, shown: bool) -> None:
    user = {
        "id": "1000034426",
        "first_name": "Ada",
        "default_email": "ada@yandex.test",
        "default_phone": {"id": 7, "number": "+79037659418"},
        "default_avatar_id": "131652443",
        "is_avatar_empty": empty,
        "sex": "female",
    }
    net = Net({"https://oauth.yandex.com/token": TOKEN, "https://login.yandex.ru/info": user})
    found = await arrive(provider("yandex", net))
    asked = net.at("https://login.yandex.ru/info")
    assert asked.headers["Authorization"] == "OAuth at"
    assert "at" not in asked.query.values()
    assert found.values["phone_number"] == "+79037659418"
    assert ("picture" in found.values) is shown


async def test_spotify_wants_the_secret_in_a_header() -> None:
    user = {"id": "smedjan", "display_name": "JM", "email": "jm@example.com", "images": [{"url": "https://i.test/1"}]}
    user["external_urls"] = {"spotify": "https://open.spotify.test/user/smedjan"}  # type: ignore[assignment]
    place = "https://accounts.spotify.com/api/token"
    net = Net({place: {**TOKEN, "scope": "user-read-email"}, "https://api.spotify.com/v1/me": user})
    found = await arrive(provider("spotify", net, scope=("user-read-email",)))
    assert "client_secret" not in net.at(place).form
    assert net.at(place).headers["Authorization"].startswith("Basic ")
    assert found.values["profile"] == "https://open.spotify.test/user/smedjan"
    assert "email_verified" not in found.values


# -- dingtalk, lark ----------------------------------------------------------------


def dingtalk(me: Any) -> Net:
    answers = {
        "https://api.dingtalk.com/v1.0/oauth2/userAccessToken": {
            "accessToken": "at",
            "refreshToken": "rt",
            "expireIn": 7200,
        },
        "https://api.dingtalk.com/v1.0/contact/users/me": me,
    }
    return Net(answers)


async def test_dingtalk_speaks_in_words_of_its_own() -> None:
    net = dingtalk({"nick": "Ada", "openId": "123", "avatarUrl": "https://d.test/a", "email": "ada@example.com"})
    found = provider("dingtalk", net, scope=("openid",))
    assert (await begin(found))[1]["prompt"] == "consent"
    answer = {"authCode": "dingtalk's", "state": "s"}
    assert found.answered_code(answer) == "dingtalk's"
    claims = await arrive(found, authCode="dingtalk's")
    sent = net.at("https://api.dingtalk.com/v1.0/oauth2/userAccessToken").content
    assert b'"code":"dingtalk\'s"' in sent
    assert b'"clientSecret":"secret"' in sent
    me = net.at("https://api.dingtalk.com/v1.0/contact/users/me")
    assert me.headers["x-acs-dingtalk-access-token"] == "at"
    assert (claims.subject, claims.values["nickname"]) == ("123", "Ada")


@pytest.mark.parametrize("me", [{"code": "Forbidden", "message": "no"}, (403, {}), []])
async def test_dingtalk_may_not_say_who_it_is(me: Any) -> None:
    with pytest.raises(ProviderRefused):
        await arrive(provider("dingtalk", dingtalk(me)))


async def test_lark_s_subject_is_the_app_s_id_of_a_person() -> None:
    base = "https://passport.feishu.cn/suite/passport/oauth"
    user = {
        "sub": "ou_other",
        "open_id": "ou_caecc734",
        "name": "Ada",
        "avatar_url": "https://l.test/a",
        "mobile": "+86130",
    }
    found = await arrive(provider("lark", Net({f"{base}/token": TOKEN, f"{base}/userinfo": user})))
    assert (found.subject, found.values["phone_number"]) == ("ou_caecc734", "+86130")


# -- linkedin, patreon -------------------------------------------------------------

LINKEDIN = "https://www.linkedin.com/oauth/v2"


def linkedin(scope: str = "r_liteprofile,r_emailaddress", email: Any = None) -> Net:
    picture = {"elements": [{"identifiers": [{"identifier": f"https://li.test/{size}"}]} for size in (100, 800)]}
    me = {"id": "yrZCpj2Z12", "localizedFirstName": "Bob", "localizedLastName": "Smith"}
    handle = {"handle~": {"emailAddress": "bob@example.com"}, "handle": "urn:li:emailAddress:1"}
    answers = {
        f"{LINKEDIN}/accessToken": TOKEN,
        f"{LINKEDIN}/introspectToken": {"active": True, "scope": scope},
        "https://api.linkedin.com/v2/me": {**me, "profilePicture": {"displayImage~": picture}},
        "https://api.linkedin.com/v2/emailAddress": {"elements": [handle]} if email is None else email,
    }
    return Net(answers)


async def test_linkedin_s_member_is_put_together_from_three_answers() -> None:
    found = await arrive(provider("linkedin", linkedin(), scope=("r_liteprofile", "r_emailaddress")))
    assert (found.subject, found.values["email"], found.values["last_name"]) == (
        "yrZCpj2Z12",
        "bob@example.com",
        "Smith",
    )
    assert found.values["picture"] == "https://li.test/800"


@pytest.mark.parametrize("email", [{}, {"elements": []}, {"elements": [{}]}, {"elements": [{"handle~": None}]}])
async def test_linkedin_without_an_address(email: Any) -> None:
    found = await arrive(provider("linkedin", linkedin(email=email), scope=("r_liteprofile",)))
    assert "email" not in found.values


async def test_linkedin_lets_people_grant_less() -> None:
    with pytest.raises(ProviderRefused, match="r_emailaddress"):
        await arrive(provider("linkedin", linkedin("r_liteprofile"), scope=("r_emailaddress",)))


def patreon(identity: Any) -> Net:
    answers = {
        "https://www.patreon.com/api/oauth2/token": TOKEN,
        "https://www.patreon.com/api/oauth2/v2/identity": identity,
    }
    return Net(answers)


async def test_patreon_s_fields_are_named_one_by_one() -> None:
    user = {"email": "corgi@example.com", "full_name": "Corgi", "is_email_verified": True}
    net = patreon({"data": {"id": "12345689", "type": "user", "attributes": user}})
    found = await arrive(provider("patreon", net))
    assert "email" in net.at("https://www.patreon.com/api/oauth2/v2/identity").query["fields[user]"]
    assert (found.subject, found.values["name"], found.values["email_verified"]) == ("12345689", "Corgi", True)


@pytest.mark.parametrize("identity", [{}, {"data": []}, {"data": {"id": "1"}}, {"errors": []}])
async def test_patreon_may_not_say_who_it_is(identity: Any) -> None:
    with pytest.raises(ProviderRefused):
        await arrive(provider("patreon", patreon(identity)))


# -- salesforce, amazon, uaepass ---------------------------------------------------


async def test_salesforce_dates_profiles_in_words() -> None:
    base = "https://org.my.salesforce.test/services/oauth2"
    told = {"sub": "https://login.salesforce.test/id/00D/005", "updated_at": "2024-01-02T03:04:05Z"}
    net = Net({f"{base}/token": TOKEN, f"{base}/userinfo": told})
    found = provider("salesforce", net, issuer_url="https://org.my.salesforce.test/")
    place, asked, _ = await begin(found)
    assert (place, asked["code_challenge_method"]) == (f"{base}/authorize", "S256")
    claims = await arrive(found)
    assert (claims.issuer, claims.values["updated_at"]) == ("https://org.my.salesforce.test/", 1704164645)


async def test_amazon_has_a_header_of_its_own() -> None:
    user = {"user_id": "amzn1.account.K2LI23KL2LK2", "name": "Ada", "email": "ada@example.com", "postal_code": "98052"}
    net = Net({"https://api.amazon.com/auth/o2/token": TOKEN, "https://api.amazon.com/user/profile": user})
    found = await arrive(provider("amazon", net, scope=("profile",)))
    assert net.at("https://api.amazon.com/user/profile").headers["x-amz-access-token"] == "at"
    assert (found.subject, found.values["zoneinfo"]) == ("amzn1.account.K2LI23KL2LK2", "98052")


@pytest.mark.parametrize("wrong", [{"scope": ("openid",)}, {"pkce": "auto"}])
async def test_amazon_is_configured_in_a_way_that_it_cannot_follow(wrong: Any) -> None:
    with pytest.raises(ApiError, match="allowed are") as caught:
        await begin(provider("amazon", Net({}), **wrong))
    assert (caught.value.status, caught.value.id) == (500, "invalid_configuration")


async def test_uaepass_takes_challenges_without_saying_so_and_wants_a_level() -> None:
    hub = "https://id.uaepass.ae/idshub"
    told = {
        "sub": "UAEPASS/1",
        "fullnameEN": "Ada Byron",
        "firstnameEN": "Ada",
        "lastnameEN": "Byron",
        "email": "a@b.test",
    }
    net = Net({f"{hub}/token": TOKEN, f"{hub}/userinfo": told})
    found = provider("uaepass", net)
    place, asked, journey = await begin(found)
    assert (place, found.settings.pkce) == (f"{hub}/authorize", "force")
    assert asked["acr_values"].endswith(":level:low")
    claims = await arrive(found, journey)
    assert net.at(f"{hub}/token").form["code_verifier"] == journey.verifier
    assert (claims.issuer, claims.values["given_name"]) == ("https://id.uaepass.ae", "Ada")
    assert (await begin(found, acr_values="urn:mobile"))[1]["acr_values"] == "urn:mobile"
    staging = provider("uaepass", net, issuer_url="https://stg-id.uaepass.ae/", pkce="never")
    place, asked, _ = await begin(staging)
    assert place == "https://stg-id.uaepass.ae/idshub/authorize"
    assert "code_challenge" not in asked
