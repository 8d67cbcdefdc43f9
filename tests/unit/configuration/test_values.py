from datetime import timedelta

import pytest


def test_unset_keys_have_the_schemas_defaults(configure):
    found = configure()
    assert found.get("hashers.bcrypt.cost") == 12
    assert found.text("session.cookie.name") == "ory_kratos_session"
    assert found.duration("session.lifespan") == timedelta(hours=24)
    assert found.size("hashers.argon2.memory") == 128 * 1024 * 1024
    assert found.flag("selfservice.methods.password.enabled")
    assert found.integer("serve.admin.port") == 4434
    assert found.items("serve.public.cors.allowed_origins") == ["*"]


def test_keys_without_a_default_are_absent(configure):
    found = configure()
    assert found.get("oauth2_provider.url") is None
    assert found.get("oauth2_provider.url", "none") == "none"
    assert found.duration("session.earliest_possible_extend") is None
    assert found.items("selfservice.methods.oidc.config.providers") == []
    assert not found.flag("dev")
    with pytest.raises(KeyError, match="is not set"):
        found.span("session.earliest_possible_extend")


def test_a_key_that_does_not_exist_is_a_mistake_in_the_program(configure):
    found = configure()
    with pytest.raises(KeyError, match=r"no such configuration key: session\.lifetime"):
        found.get("session.lifetime")
    assert not found.knows("session.lifetime")
    assert found.knows("courier.smtp.headers.X-Any")


def test_list_elements_have_their_defaults(configure):
    provider = {"id": "a", "provider": "generic", "client_id": "b", "client_secret": "c", "mapper_url": "file:///m"}
    web_hook = {"hook": "web_hook", "config": {"url": "https://a.test", "method": "POST"}}
    found = configure(
        selfservice={
            "default_browser_return_url": "/",
            "methods": {"oidc": {"config": {"providers": [provider]}}},
            "flows": {"login": {"after": {"hooks": [web_hook, {"hook": "verification"}]}}},
        }
    )
    assert found.items("selfservice.methods.oidc.config.providers")[0]["pkce"] == "auto"
    assert found.get("selfservice.flows.login.after.hooks.0.config.emit_analytics_event") is True
    assert found.get("selfservice.flows.login.after.hooks.1") == {"hook": "verification"}


def test_names_of_ones_own_have_their_defaults(configure):
    found = configure(session={"whoami": {"tokenizer": {"templates": {"my.app": {"jwks_url": "file:///k"}}}}})
    assert found.section("session.whoami.tokenizer.templates")["my.app"]["ttl"] == "1m"


def test_what_was_set_is_told_from_what_is_default(configure):
    found = configure(session={"lifespan": "24h"})
    assert found.configured("session.lifespan")
    assert found.configured("session")
    assert not found.configured("session.cookie.name")
    assert found.origin("session.cookie") == "default"


def test_copies_leave_the_configuration_alone(configure):
    found = configure()
    found.effective()["dsn"] = "other"
    found.given()["identity"]["schemas"].clear()
    found.items("serve.public.cors.allowed_origins").clear()
    assert found.get("dsn") == "memory"
    assert len(found.items("identity.schemas")) == 1
    assert found.items("serve.public.cors.allowed_origins") == ["*"]


def test_equal_configurations_have_equal_fingerprints(configure):
    assert configure(session={"lifespan": "1h"}).fingerprint() == configure(session={"lifespan": "1h"}).fingerprint()
    assert configure(session={"lifespan": "1h"}).fingerprint() != configure(session={"lifespan": "2h"}).fingerprint()


@pytest.mark.parametrize(
    ("side", "section", "url"),
    [
        ("public", {}, "http://127.0.0.1:4433/"),
        ("admin", {"admin": {"port": 80, "host": "10.0.0.1"}}, "http://10.0.0.1:80/"),
        ("admin", {"admin": {"host": "::1"}}, "http://[::1]:4434/"),
        ("admin", {"admin": {"host": "unix:/run/kratos.sock"}}, "http://127.0.0.1:4434/"),
        ("public", {"public": {"base_url": "https://id.test/kratos"}}, "https://id.test/kratos/"),
        ("public", {"public": {"tls": {"key": {"path": "/k"}, "cert": {"path": "/c"}}}}, "https://127.0.0.1:4433/"),
    ],
)
def test_base_urls_end_with_a_slash(configure, side, section, url):
    found = configure(serve=section)
    assert getattr(found, f"{side}_base_url") == url
