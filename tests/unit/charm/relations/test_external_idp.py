import base64
import hashlib
import json
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import ingress, provider, route

V0_MICROSOFT = {
    "client_id": "client",
    "provider": "microsoft",
    "secret_backend": "relation",
    "client_secret": "s",
    "tenant_id": "tenant",
    "scope": "profile email",
}
V0_APPLE = {
    "client_id": "client",
    "provider": "apple",
    "secret_backend": "relation",
    "team_id": "team",
    "private_key_id": "key",
    "private_key": "-----BEGIN\nEND-----",
    "provider_id": "apple-1",
}


def related(*providers: dict[str, Any]) -> testing.Relation:
    return testing.Relation("kratos-external-idp", remote_app_data={"providers": json.dumps(list(providers))})


def oidc(config: dict[str, Any]) -> dict[str, Any]:
    return dict(config["selfservice"]["methods"]["oidc"])


def test_a_public_client_has_no_secret(run: Any, configured: Any) -> None:
    one = {"provider": "generic", "client_id": "c", "issuer_url": "https://i", "pkce": "force"}
    (found,) = oidc(configured(run(related(one), route("public-route"))))["config"]["providers"]
    assert "client_secret" not in found and found["pkce"] == "force"


def test_what_else_the_server_takes(run: Any, configured: Any) -> None:
    more = {"aal2_amr_values": ["mfa"], "aal2_acr_values": ["high"], "update_identity_on_login": "automatic"}
    one = {"provider": "google", "client_id": "c", "client_secret": "s", **more, "account_linking_mode": "automatic"}
    (found,) = oidc(configured(run(related(one), route("public-route"))))["config"]["providers"]
    assert {key: found[key] for key in more} == more
    assert "account_linking_mode" not in found


def test_a_provider_of_the_newer_dialect(run: Any, configured: Any) -> None:
    method = oidc(configured(run(provider(), route("public-route"))))
    assert method["enabled"] is True
    assert method["config"]["base_redirect_uri"] == "https://shop.test"
    (found,) = method["config"]["providers"]
    mapper = found.pop("mapper_url")
    assert found == {
        "id": "idp",
        "provider": "generic",
        "label": "My: label",
        "client_id": "client",
        "client_secret": "abc #def",
        "issuer_url": "https://idp.test",
        "scope": ["profile", "email"],
    }
    assert b"email_verified" in base64.b64decode(mapper.removeprefix("base64://")) or b"_verified" in base64.b64decode(
        mapper.removeprefix("base64://")
    )


def test_microsoft_of_the_older_dialect(run: Any, configured: Any) -> None:
    (found,) = oidc(configured(run(related(V0_MICROSOFT), route("public-route"))))["config"]["providers"]
    digest = hashlib.sha1(b"client_tenant").hexdigest()
    assert (found["id"], found["microsoft_tenant"], found["label"]) == (f"microsoft_{digest}", "tenant", "microsoft")
    assert "secret_backend" not in found


def test_apple_of_the_older_dialect(run: Any, configured: Any) -> None:
    (found,) = oidc(configured(run(related(V0_APPLE), route("public-route"))))["config"]["providers"]
    assert (found["id"], found["apple_team_id"], found["apple_private_key_id"]) == ("apple-1", "team", "key")
    assert found["apple_private_key"] == "-----BEGIN\nEND-----"
    assert "client_secret" not in found


@pytest.mark.parametrize(
    ("one", "id_source"),
    [
        ({"provider": "google", "client_id": "c", "client_secret": "s"}, b"c"),
        ({"provider": "generic", "client_id": "c", "client_secret": "s", "issuer_url": "https://i"}, b"c_https://i"),
        ({"provider": "auth0", "client_id": "c", "client_secret": "s", "issuer_url": "https://i"}, b"c_https://i"),
        ({"provider": "yandex", "client_id": "c", "client_secret": "s"}, b"c"),
    ],
)
def test_an_id_that_nobody_chose_stays_the_same(run: Any, configured: Any, one: Any, id_source: bytes) -> None:
    (found,) = oidc(configured(run(related(one), route("public-route"))))["config"]["providers"]
    assert found["id"] == f"{one['provider']}_{hashlib.sha1(id_source).hexdigest()}"


def test_the_integrators_typing_error_is_understood(run: Any, configured: Any) -> None:
    one = {"provider": "yander", "client_id": "c", "client_secret": "s"}
    (found,) = oidc(configured(run(related(one), route("public-route"))))["config"]["providers"]
    assert found["provider"] == "yandex"


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        ({"provider": "github"}, ["user:email"]),
        ({"provider": "google"}, ["profile", "email", "address", "phone"]),
        ({"provider": "google", "scope": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_scopes(run: Any, configured: Any, given: dict[str, Any], scope: list[str]) -> None:
    one = {"client_id": "c", "client_secret": "s", **given}
    (found,) = oidc(configured(run(related(one), route("public-route"))))["config"]["providers"]
    assert found["scope"] == scope


def test_a_numeric_secret_stays_text(run: Any, configured: Any) -> None:
    (found,) = oidc(configured(run(provider(client_secret="0123"), route("public-route"))))["config"]["providers"]
    assert found["client_secret"] == "0123"
    (found,) = oidc(configured(run(provider(client_secret=123), route("public-route"))))["config"]["providers"]
    assert found["client_secret"] == "123"


JSONNET = "local claims = std.extVar('claims'); {identity: {traits: {}}}"
ENCODED = base64.b64encode(JSONNET.encode()).decode()


@pytest.mark.parametrize("given", [JSONNET, ENCODED, f"base64://{ENCODED}"])
@pytest.mark.parametrize("key", ["jsonnet_mapper", "mapper_url"])
def test_a_mapper_in_any_form(run: Any, configured: Any, key: str, given: str) -> None:
    (found,) = oidc(configured(run(provider(**{key: given}), route("public-route"))))["config"]["providers"]
    assert found["mapper_url"] == f"base64://{ENCODED}"


def test_microsoft_has_a_mapper_of_its_own(run: Any, configured: Any) -> None:
    relation = related(V0_MICROSOFT, {"provider": "google", "client_id": "c", "client_secret": "s"})
    first, second = oidc(configured(run(relation, route("public-route"))))["config"]["providers"]
    assert first["mapper_url"] != second["mapper_url"]


def test_each_integrator_learns_where_its_providers_send_people_back_to(run: Any) -> None:
    out = run(related(V0_APPLE, V0_MICROSOFT), provider(), route("public-route"))
    answers = [json.loads(one.local_app_data["providers"]) for one in out.get_relations("kratos-external-idp")]
    callbacks = {one["provider_id"]: one["redirect_uri"] for answer in answers for one in answer}
    assert sorted(map(len, answers)) == [1, 2]
    assert callbacks["apple-1"] == "https://shop.test/self-service/methods/oidc/callback/apple-1"
    assert set(callbacks) >= {"apple-1", "idp"}


def test_behind_an_ingress_the_path_belongs_to_it(run: Any, bag: Any) -> None:
    (answer,) = json.loads(bag(run(provider(), ingress()), "kratos-external-idp")["providers"])
    assert answer["redirect_uri"] == "https://shop.test/shop-kratos/self-service/methods/oidc/callback/idp"


def test_without_a_public_address_the_answer_is_withdrawn(run: Any, bag: Any) -> None:
    relation = testing.Relation(
        "kratos-external-idp", remote_app_data=provider().remote_app_data, local_app_data={"providers": "[1]"}
    )
    out = run(relation)
    assert bag(out, "kratos-external-idp") == {}
    assert out.unit_status == ops.BlockedStatus(
        "kratos-external-idp needs a public address: integrate public-route or ingress"
    )


def test_a_route_that_has_no_host_yet_is_waited_for(run: Any) -> None:
    out = run(provider(), testing.Relation("public-route"))
    assert out.unit_status == ops.WaitingStatus("Waiting for the ingress to give a public address")


def test_a_follower_answers_nobody(run: Any, bag: Any) -> None:
    assert bag(run(provider(), route("public-route"), leader=False), "kratos-external-idp") == {}


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
def test_without_providers_there_is_no_method(run: Any, configured: Any, event: str) -> None:
    relation = provider() if event == "relation_broken" else testing.Relation("kratos-external-idp")
    assert "oidc" not in configured(run(relation, event=event))["selfservice"]["methods"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "providers is not JSON"),
        ("{}", "providers must be a list"),
        ("[1]", "a provider must be an object"),
        ("[{}]", "provider (none) is none of generic"),
        ('[{"provider": "twitch", "client_id": "c", "client_secret": "s"}]', "provider twitch is none of"),
        ('[{"provider": "google", "client_secret": "s"}]', "a provider of the kind google lacks client_id"),
        ('[{"provider": "google", "client_id": "c"}]', "a provider of the kind google lacks client_secret"),
        ('[{"provider": "generic", "client_id": "c", "client_secret": "s"}]', "lacks issuer_url"),
        ('[{"provider": "apple", "client_id": "c", "team_id": "t"}]', "lacks apple_private_key_id"),
        ('[{"provider": "google", "client_id": "c", "secret_backend": "vault"}]', "only secret_backend relation"),
        (
            '[{"provider": "google", "client_id": "c", "client_secret": "s", "mapper_url": "file:///etc/passwd"}]',
            "a mapper cannot be a file",
        ),
        (json.dumps([{"provider": "google", "client_id": "c", "client_secret": "s", "id": "x"}] * 2), "have the id x"),
    ],
)
def test_what_makes_no_sense_blocks(run: Any, text: str, said: str) -> None:
    out = run(testing.Relation("kratos-external-idp", remote_app_data={"providers": text}))
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert out.unit_status.message.startswith("kratos-external-idp: ") and said in out.unit_status.message


def test_secrets_do_not_show_in_a_repr() -> None:
    from identity_charm.oidc_providers import Provider

    assert "topsecret" not in repr(
        Provider.parse({"provider": "google", "client_id": "c", "client_secret": "topsecret"})
    )


@pytest.mark.parametrize("wanted", [False, True])
def test_a_provider_brings_people_in_and_opens_no_form(run: Any, configured: Any, wanted: bool) -> None:
    config = configured(run(provider(), route("public-route"), config={"enable_registration": wanted}))
    registration = config["selfservice"]["flows"]["registration"]
    assert (registration["enabled"], registration["through_providers"]) == (wanted, True)


def test_without_a_provider_nobody_comes_through_one(run: Any, configured: Any) -> None:
    registration = configured(run(route("public-route")))["selfservice"]["flows"]["registration"]
    assert (registration["enabled"], registration["through_providers"]) == (False, False)
