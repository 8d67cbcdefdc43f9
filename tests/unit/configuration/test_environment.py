from typing import Any

import pytest

from identity_server.configuration import ConfigurationError, environment, load
from identity_server.configuration.layers import Layer


@pytest.fixture
def given(minimal):
    def with_environment(environ: dict[str, str], **sections: Any):
        return load([], environ, base=Layer("a file", {**minimal, **sections}))

    return with_environment


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("DSN", "sqlite:///x", "dsn", "sqlite:///x"),
        ("SELFSERVICE_METHODS_PASSWORD_ENABLED", "false", "selfservice.methods.password.enabled", False),
        ("SELFSERVICE_METHODS_LOOKUP_SECRET_ENABLED", "1", "selfservice.methods.lookup_secret.enabled", True),
        ("SERVE_PUBLIC_PORT", "8080", "serve.public.port", 8080),
        ("COURIER_SMTP_FROM_ADDRESS", "a@b.test", "courier.smtp.from_address", "a@b.test"),
        ("SECRETS_COOKIE", '["aaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbb"]', "secrets.cookie", ["a" * 16, "b" * 16]),
        ("SECRETS_COOKIE", "aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb", "secrets.cookie", ["a" * 16, "b" * 16]),
        (
            "SELFSERVICE_ALLOWED_RETURN_URLS",
            '["https://a.test/"]',
            "selfservice.allowed_return_urls",
            ["https://a.test/"],
        ),
        ("OAUTH2_PROVIDER_HEADERS", '{"X-A": "b"}', "oauth2_provider.headers", {"X-A": "b"}),
        ("SQA_OPT_OUT", "true", "sqa-opt-out", True),
        ("SESSION_WHOAMI_REQUIRED_AAL", "aal1", "session.whoami.required_aal", "aal1"),
        (
            "COURIER_TEMPLATES_RECOVERY_CODE_VALID_EMAIL_BODY_HTML",
            "file:///a",
            "courier.templates.recovery_code.valid.email.body.html",
            "file:///a",
        ),
    ],
)
def test_variables_set_keys_with_their_type(given, name, text, key, value):
    found = given({name: text})
    assert found.get(key) == value
    assert found.origin(key) == f"environment variable {name}"


def test_elements_of_a_list_are_set_by_index(given):
    prefix = "SELFSERVICE_METHODS_OIDC_CONFIG_PROVIDERS"
    fields = {
        "ID": "a",
        "PROVIDER": "generic",
        "CLIENT_ID": "b",
        "CLIENT_SECRET": "0123",
        "MAPPER_URL": "file:///m",
        "SCOPE": "x,y",
    }
    found = given({f"{prefix}_0_{name}": value for name, value in fields.items()})
    provider = found.get("selfservice.methods.oidc.config.providers.0")
    assert (provider["client_secret"], provider["scope"]) == ("0123", ["x", "y"])


def test_an_element_goes_over_the_files_element_and_leaves_the_others(given):
    schemas = [{"id": "a", "url": "file:///a"}, {"id": "b", "url": "file:///b"}]
    found = given({"IDENTITY_SCHEMAS_1_URL": "file:///c"}, identity={"schemas": schemas})
    assert [item["url"] for item in found.items("identity.schemas")] == ["file:///a", "file:///c"]
    assert found.origin("identity.schemas.1.url") == "environment variable IDENTITY_SCHEMAS_1_URL"
    assert found.origin("identity.schemas.0.url") == "a file"


def test_an_element_goes_over_the_whole_list_whatever_the_order(given):
    both = {"SECRETS_COOKIE_0": "c" * 16, "SECRETS_COOKIE": "a" * 16 + "," + "b" * 16}
    assert given(both).get("secrets.cookie") == ["c" * 16, "b" * 16]


def test_hooks_get_their_secret_from_the_environment(given):
    web_hook = {
        "hook": "web_hook",
        "config": {
            "url": "https://a.test",
            "method": "POST",
            "auth": {"type": "api_key", "config": {"name": "n", "in": "header"}},
        },
    }
    selfservice = {"default_browser_return_url": "/", "flows": {"login": {"after": {"hooks": [web_hook]}}}}
    found = given({"SELFSERVICE_FLOWS_LOGIN_AFTER_HOOKS_0_CONFIG_AUTH_CONFIG_VALUE": "s3cret"}, selfservice=selfservice)
    assert found.get("selfservice.flows.login.after.hooks.0.config.auth.config.value") == "s3cret"


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("SERVE_PUBLIC_PORT", "many", "serve.public.port"),
        ("SERVE_PUBLIC_PORT", "9" * 5000, "serve.public.port"),
        ("DEV", "yes", "dev"),
        ("LOG_LEVEL", "loud", "log.level"),
        ("SECRETS_COOKIE", "[broken", "secrets.cookie"),
        ("SECRETS_COOKIE", "[" * 100_000, "secrets.cookie"),
        ("IDENTITY_SCHEMAS_2_ID", "c", "identity.schemas.1"),
    ],
)
def test_a_bad_value_is_told_with_the_variables_name(given, name, text, key):
    with pytest.raises(ConfigurationError) as caught:
        given({name: text})
    problem = next(problem for problem in caught.value.problems if problem.key == key)
    assert f"environment variable {name}" in problem.source or problem.what == "has no value"


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "HELP", "VERSION", "CONFIG", "LOG", "SERVE_PUBLIC_PORTS", "SERVE__PUBLIC_PORT", "DSN_"]
)
def test_other_programs_variables_are_left_alone(given, name):
    assert given({name: "x" if name != "LOG" else ""}).fingerprint() == given({}).fingerprint()


def test_an_empty_variable_counts_as_unset(given):
    assert given({"DSN": "", "LOG_LEVEL": ""}).fingerprint() == given({}).fingerprint()


@pytest.mark.parametrize("index", ["1000", "99999999999", "-1", "१"])
def test_no_index_makes_a_huge_list(index):
    assert environment.key_of(f"IDENTITY_SCHEMAS_{index}_ID") is None


@pytest.mark.parametrize(
    "path",
    [("session", "cookie", "name"), ("secrets", "default", "0"), ("sqa-opt-out",), ("courier", "channels", "0", "id")],
)
def test_names_and_keys_belong_together(path):
    assert environment.key_of(environment.name_of(path)) == path
