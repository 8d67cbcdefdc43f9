import json

import pytest

from identity_server.configuration import of, secrecy
from identity_server.configuration.values import derive

OLD, NEW = "old-secret-of-the-tests", "new-secret-of-the-tests"


def test_cookies_follow_the_default_secret(configure):
    assert configure(secrets={"default": [NEW, OLD]}).secrets("cookie") == [NEW.encode(), OLD.encode()]
    assert configure(secrets={"default": [OLD], "cookie": [NEW]}).secrets("cookie") == [NEW.encode()]


def test_the_default_secret_follows_the_cookie_secret_without_being_it(configure):
    found = configure(secrets={"cookie": [NEW, OLD]}).secrets("default")
    assert found == [derive(NEW.encode(), "default"), derive(OLD.encode(), "default")]
    assert NEW.encode() not in found


def test_page_tokens_have_a_key_of_their_own_that_rotates_with_the_default(configure):
    before, after = configure(secrets={"default": [OLD]}), configure(secrets={"default": [NEW, OLD]})
    assert before.secrets("pagination")[0] == after.secrets("pagination")[1]
    assert before.secrets("pagination")[0] not in (OLD.encode(), bytes(32))
    assert configure(secrets={"pagination": [NEW]}).secrets("pagination") == [NEW.encode()]


def test_without_secrets_they_last_as_long_as_the_process(configure):
    one, two = configure(), configure(dev=True)
    assert one.secrets("cookie") == two.secrets("cookie")
    assert len(one.secrets("default")[0]) == 32
    assert one.secrets("cipher") == []
    assert not one.lasting_secrets
    assert configure(secrets={"cookie": [NEW]}).lasting_secrets


def test_a_caller_cannot_change_the_list_of_secrets(configure):
    found = configure(secrets={"default": [NEW]})
    found.secrets("default").clear()
    assert found.secrets("default") == [NEW.encode()]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgres://user:hunter2@db:5432/kratos?sslmode=require",
            "postgres://user:(hidden)@db:5432/kratos?sslmode=require",
        ),
        ("postgres://user:hun/ter2@x@db/kratos", "postgres://user:(hidden)@db/kratos"),
        ("postgres://user:hunter2?x@db/kratos", "postgres://user:(hidden)@db/kratos"),
        ("postgres://user:hunter2#@db/kratos", "postgres://user:(hidden)@db/kratos"),
        ("postgres://hunter2@db/kratos", "postgres://(hidden)@db/kratos"),
        ("postgres://db/kratos?user=u&password=hunter2", "postgres://db/kratos?user=(hidden)&password=(hidden)"),
        ("postgres://db/kratos?max_conns=2&passfile=hunter2", "postgres://db/kratos?max_conns=2&passfile=(hidden)"),
        ("host=db password=hunter2", "(hidden)"),
        ("memory", "memory"),
        ("sqlite:///var/lib/db.sqlite?_fk=true&mode=rwc", "sqlite:///var/lib/db.sqlite?_fk=true&mode=rwc"),
    ],
)
def test_data_source_names_are_shown_without_passwords(url, shown):
    assert secrecy.hidden(("dsn",), url) == shown


def test_nothing_secret_is_left_in_what_may_be_shown(minimal):
    word = "hunter2-hunter2-hunter2-hunter2-"
    auth = {"type": "basic_auth", "config": {"user": "u", "password": word}}
    key = {"type": "api_key", "config": {"name": "n", "value": word, "in": "header"}}
    provider = {"id": "a", "provider": "generic", "client_id": "b", "client_secret": word, "mapper_url": "file:///m"}
    apple = {
        **provider,
        "id": "b",
        "provider": "apple",
        "apple_team_id": "t",
        "apple_private_key_id": "i",
        "apple_private_key": word,
    }
    web_hook = {
        "hook": "web_hook",
        "config": {"url": f"https://u:{word}@a.test?t={word}", "method": "POST", "auth": key},
    }
    request = {"url": "https://a.test", "headers": {"X-Key": word}, "auth": auth}
    found = of(
        {
            **minimal,
            "dsn": f"postgres://u:{word}@h/d",
            "secrets": {"default": [word], "cookie": [word], "cipher": [word], "pagination": [word]},
            "courier": {
                "smtp": {"connection_uri": f"smtps://u:{word}@h/", "headers": {"X": word}},
                "http": {"request_config": request},
                "channels": [{"id": "sms", "type": "http", "request_config": request}],
            },
            "serve": {
                "admin": {"auth": {"keys": [{"name": "a", "key": word}, {"name": "b", "key_hash": "a" * 64}]}},
                "public": {"tls": {"key": {"base64": word}, "cert": {"base64": word}}},
            },
            "oauth2_provider": {"url": "https://h.test", "headers": {"Authorization": word}},
            "tracing": {"providers": {"otlp": {"authorization_header": word}}},
            "selfservice": {
                "default_browser_return_url": "/",
                "methods": {
                    "oidc": {"config": {"providers": [provider, apple]}},
                    "password": {"config": {"migrate_hook": {"config": {"url": "https://a.test", "auth": auth}}}},
                },
                "flows": {"login": {"before": {"hooks": [web_hook]}, "after": {"password": {"hooks": [web_hook]}}}},
            },
        }
    )
    shown = json.dumps(found.with_secrets_hidden())
    assert "hunter2" not in shown
    assert "a" * 64 not in shown
    assert '"client_id": "b"' in shown
