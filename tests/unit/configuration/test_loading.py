import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from identity_server.configuration import Configuration, ConfigurationError, load, of, replaced


def problems(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        of(values, source="/etc/kratos.yml")
    return {problem.key: str(problem) for problem in caught.value.problems}


@pytest.fixture
def file(tmp_path: Path, minimal: dict[str, Any]):
    def write(name: str, values: Any = None, text: str | None = None) -> str:
        path = tmp_path / name
        path.write_text(text if text is not None else json.dumps({**minimal, **(values or {})}))
        return str(path)

    return write


def test_later_layers_go_over_earlier_ones(file):
    first = file("a.yaml", {"session": {"lifespan": "1h", "cookie": {"name": "one"}}, "dev": False})
    second = file("b.json", {"session": {"lifespan": "2h"}, "log": {"level": "debug"}})
    found = load([first, second], {"LOG_LEVEL": "error"}, {"dev": True})
    assert found.get("session.lifespan") == "2h"
    assert found.get("session.cookie.name") == "one"
    assert found.get("log.level") == "error"
    assert found.dev


def test_every_value_knows_its_source(file):
    path = file("a.yaml", {"session": {"lifespan": "1h"}})
    found = load([path], {"LOG_LEVEL": "error"}, {"watch-courier": True})
    assert found.origin("session.lifespan") == path
    assert found.origin("identity.schemas.0.id") == path
    assert found.origin("log.level") == "environment variable LOG_LEVEL"
    assert found.origin("watch-courier") == "flag --watch-courier"
    assert found.origin("session.cookie.name") == "default"


def test_a_later_list_replaces_an_earlier_one(file):
    first = file(
        "a.yaml", {"selfservice": {"default_browser_return_url": "/", "allowed_return_urls": ["https://a.test"]}}
    )
    second = file("b.toml", text='[selfservice]\nallowed_return_urls = ["https://b.test"]\n')
    assert load([first, second], {}).items("selfservice.allowed_return_urls") == ["https://b.test"]


def test_yaml_json_and_toml_say_the_same(file, minimal: dict[str, Any]):
    toml = 'dsn = "memory"\n[identity]\nschemas = [{id = "default", url = "base64://e30="}]\n'
    toml += '[selfservice]\ndefault_browser_return_url = "https://app.test/"\n'
    files = [file("a.json"), file("a.yml", text=yaml.safe_dump(minimal)), file("a.toml", text=toml)]
    assert len({load([path], {}).fingerprint() for path in files}) == 1


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yml", "a: [b\nc: d", "not valid YAML: line 2"),
        ("a.yml", "- dsn\n", "not a mapping"),
        ("a.yml", "dsn: memory\ndsn: other\n", "line 2: the key 'dsn' stands there twice"),
        ("a.json", '{"dsn": ', "not valid JSON: line 1"),
        ("a.toml", "dsn = ", "not valid TOML"),
        ("a.ini", "dsn: memory", "allowed are names that end in .yaml, .yml, .json or .toml"),
        ("a.yml", "a: !!python/object/apply:os.system ['true']", "not valid YAML"),
        ("a.yml", "[" * 200 + "]" * 200, "nested more than"),
        ("a.json", "[" * 100_000, "nested more than"),
        ("a.yml", "a: !!set {b, c}", "types that JSON does not have"),
        ("a.yml", "a: 2024-13-45", "not valid YAML"),
        ("a.yml", "a: " + "9" * 5000, "not valid YAML"),
        ("a.json", '{"a": ' + "9" * 5000 + "}", "not valid JSON"),
        ("a.toml", "a = " + "9" * 5000, "not valid TOML"),
        ("a.toml", "a = 2024-13-45", "not valid TOML"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(file, name: str, text: str, says: str):
    path = file(name, text=text)
    with pytest.raises(ConfigurationError) as caught:
        load([path], {})
    assert path in str(caught.value)
    assert says in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(
    suffix=some.sampled_from(["yml", "json", "toml"]),
    parts=some.lists(
        some.one_of(
            some.sampled_from(
                [
                    "dsn",
                    "log",
                    "session",
                    ": ",
                    " = ",
                    "\n",
                    "\n  ",
                    "- ",
                    "{",
                    "}",
                    "[",
                    "]",
                    '"',
                    "&a ",
                    "*a ",
                    "<<",
                    "? ",
                    "!!int ",
                    "|",
                    ".nan",
                    "0x1F",
                    "1_0",
                    "2024-01-01",
                    "~",
                    "\t",
                    "#",
                    "'",
                ]
            ),
            some.text(max_size=3),
        ),
        max_size=30,
    ),
)
def test_no_text_makes_reading_a_file_fail_in_another_way(tmp_path_factory: pytest.TempPathFactory, suffix, parts):
    path = tmp_path_factory.getbasetemp() / f"any.{suffix}"
    path.write_text("".join(parts), errors="surrogatepass")
    with contextlib.suppress(ConfigurationError):
        load([str(path)], {})


def test_aliases_cannot_blow_a_small_file_up(file):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ConfigurationError, match="more than 200000 values"):
        load([file("bomb.yml", text="\n".join(lines))], {})


def test_all_files_that_are_missing_are_named(tmp_path: Path):
    with pytest.raises(ConfigurationError) as caught:
        load([str(tmp_path / "one.yml"), str(tmp_path / "two.yml")], {})
    assert [str(tmp_path / "one.yml") in str(caught.value), str(tmp_path / "two.yml") in str(caught.value)] == [
        True
    ] * 2


def test_an_empty_configuration_lacks_each_required_key():
    assert problems({}).keys() == {"dsn", "identity.schemas", "selfservice.default_browser_return_url"}


def test_a_required_key_is_told_with_what_it_may_be():
    assert problems({})["selfservice.default_browser_return_url"] == (
        "selfservice.default_browser_return_url: is missing; "
        "allowed: a URL such as https://example.com/path, or a path such as /path"
    )


@pytest.mark.parametrize(
    ("section", "key", "says"),
    [
        ({"no_such_key": True}, "no_such_key", "is not a known key"),
        ({"session": {"lifetime": "1h"}}, "session.lifetime", "allowed: lifespan (a similar key)"),
        (
            {"session": {"lifespan": "one day"}},
            "session.lifespan",
            "'one day' is not allowed; allowed: a duration such as",
        ),
        ({"session": {"lifespan": "9" * 30 + "h"}}, "session.lifespan", "allowed: a duration"),
        ({"hashers": {"algorithm": "rot13"}}, "hashers.algorithm", "allowed: argon2, bcrypt"),
        ({"hashers": {"bcrypt": {"cost": 3}}}, "hashers.bcrypt.cost", "allowed: a whole number from 4 to 31"),
        ({"hashers": {"argon2": {"memory": "128 MB"}}}, "hashers.argon2.memory", "a size such as"),
        (
            {"serve": {"public": {"port": "many"}}},
            "serve.public.port",
            "'many' is not allowed; allowed: a whole number",
        ),
        ({"serve": {"public": {"port": True}}}, "serve.public.port", "true is not allowed"),
        ({"serve": None}, "serve", "has no value; allowed: a section with keys"),
        ({"courier": []}, "courier", "is a list; allowed: a section with keys"),
        ({"ciphers": {"algorithm": "aes"}}, "secrets.cipher", "is missing"),
        ({"secrets": {"cipher": []}}, "secrets.cipher", "too few"),
        ({"secrets": {"cookie": ["a" * 16, "a" * 16]}}, "secrets.cookie", "twice"),
        ({"version": "26.2"}, "version", "a release such as v26.2.0"),
        ({"cookies": {"same_site": "lax"}}, "cookies.same_site", "allowed: Strict, Lax, None"),
        (
            {"serve": {"public": {"cors": {"allowed_origins": ["https://*.*.test"]}}}},
            "serve.public.cors.allowed_origins.0",
            "at most one *",
        ),
        ({"serve": {"public": {"tls": {"key": {"path": "/k"}}}}}, "serve.public.tls.cert", "is missing"),
        (
            {"session": {"whoami": {"tokenizer": {"templates": {"a b": {"jwks_url": "file:///a"}}}}}},
            "session.whoami.tokenizer.templates.a b",
            "letters, digits",
        ),
    ],
)
def test_a_bad_value_is_told_with_its_key_what_is_allowed_and_its_source(minimal, section, key, says):
    found = problems({**minimal, **section})
    assert says in found[key]
    assert "is missing" in found[key] or found[key].endswith("(from /etc/kratos.yml)")


def flows(minimal: dict[str, Any], **methods: Any) -> dict[str, Any]:
    return {**minimal, "selfservice": {"default_browser_return_url": "/", "methods": methods}}


PROVIDER = {"id": "a", "provider": "generic", "client_id": "b", "client_secret": "c", "mapper_url": "file:///m"}


@pytest.mark.parametrize(
    ("methods", "key", "says"),
    [
        ({"webauthn": {"enabled": True}}, "selfservice.methods.webauthn.config", "is missing"),
        ({"passkey": {"enabled": True}}, "selfservice.methods.passkey.config", "is missing"),
        (
            {"webauthn": {"config": {"rp": {"id": "a", "display_name": "b", "origin": "https://a", "origins": []}}}},
            "selfservice.methods.webauthn.config.rp",
            "exclude each other",
        ),
        (
            {"code": {"passwordless_enabled": True, "mfa_enabled": True}},
            "selfservice.methods.code",
            "cannot both be true",
        ),
        (
            {"oidc": {"config": {"providers": [{**PROVIDER, "provider": "microsoft"}]}}},
            "selfservice.methods.oidc.config.providers.0.microsoft_tenant",
            "is missing",
        ),
        (
            {"oidc": {"config": {"providers": [{**PROVIDER, "microsoft_tenant": "common"}]}}},
            "selfservice.methods.oidc.config.providers.0",
            "belongs to the provider microsoft",
        ),
        (
            {"oidc": {"config": {"providers": [{**PROVIDER, "provider": "apple"}]}}},
            "selfservice.methods.oidc.config.providers.0.apple_private_key",
            "is missing",
        ),
        (
            {"oidc": {"config": {"providers": [{**PROVIDER, "mapper_url": "/mapper.jsonnet"}]}}},
            "selfservice.methods.oidc.config.providers.0.mapper_url",
            "allowed: a document's address: file:///PATH",
        ),
        (
            {"password": {"config": {"migrate_hook": {"enabled": True}}}},
            "selfservice.methods.password.config.migrate_hook.config",
            "",
        ),
    ],
)
def test_methods_are_checked_as_a_whole(minimal, methods, key, says):
    assert says in problems(flows(minimal, **methods))[key]


def hook(minimal: dict[str, Any], value: dict[str, Any], place: str = "password") -> dict[str, Any]:
    after = {"after": {place: {"hooks": [value]}}}
    return {**minimal, "selfservice": {"default_browser_return_url": "/", "flows": {"login": after}}}


@pytest.mark.parametrize(
    ("value", "key", "says"),
    [
        ({"hook": "session"}, "hook", "allowed: revoke_active_sessions"),
        ({"hook": "web_hook"}, "config.url", "is missing"),
        ({"hook": "web_hook", "config": {"url": "https://a.test"}}, "config.method", "is missing"),
        ({"hook": "revoke_active_sessions", "config": {}}, "", "takes no `config`"),
        (
            {
                "hook": "web_hook",
                "config": {"url": "https://a.test", "method": "POST", "response": {"ignore": True, "parse": True}},
            },
            "config.response",
            "cannot both be true",
        ),
        (
            {"hook": "web_hook", "config": {"url": "https://a.test", "method": "POST", "body": "/etc/body.jsonnet"}},
            "config.body",
            "file:///PATH",
        ),
        (
            {
                "hook": "web_hook",
                "config": {"url": "https://a.test", "method": "POST", "auth": {"type": "api_key", "config": {}}},
            },
            "config.auth.config.value",
            "is missing",
        ),
    ],
)
def test_hooks_are_checked_where_they_stand(minimal, value, key, says):
    base = "selfservice.flows.login.after.password.hooks.0"
    assert says in problems(hook(minimal, value))[f"{base}.{key}".rstrip(".")]


@pytest.mark.parametrize("flow", ["recovery", "verification"])
def test_flows_that_send_mail_need_a_courier(minimal, flow: str):
    values = {**minimal, "selfservice": {"default_browser_return_url": "/", "flows": {flow: {"enabled": True}}}}
    assert problems(values).keys() == {"courier"}
    assert of({**values, "courier": {"smtp": {"connection_uri": "smtp://a:25/"}}}).flag(
        f"selfservice.flows.{flow}.enabled"
    )


def test_admin_keys_have_either_a_key_or_its_hash(minimal):
    def keys(*items: dict[str, Any]) -> dict[str, Any]:
        return {**minimal, "serve": {"admin": {"auth": {"keys": list(items)}}}}

    assert of(keys({"name": "ci", "key_hash": "sha256:" + "0" * 64})).get("serve.admin.auth.keys.0.scopes") == [
        "read",
        "write",
    ]
    assert "exactly one" in problems(keys({"name": "ci"}))["serve.admin.auth.keys.0"]
    assert (
        "2030-01-31"
        in problems(keys({"name": "ci", "key": "k" * 32, "expires_at": "soon"}))["serve.admin.auth.keys.0.expires_at"]
    )


def test_two_schemas_of_one_id_are_refused(minimal):
    twice = {**minimal, "identity": {"schemas": [{"id": "a", "url": "base64://e30="}] * 2}}
    assert "twice" in problems(twice)["identity.schemas.1.id"]


SECRETS = [
    {"dsn": 12345678},
    {"secrets": {"cookie": ["hunter2-hidden"]}},
    {"secrets": {"cipher": ["hunter2-hidden"]}},
    {"courier": {"smtp": {"connection_uri": "mail://u:hunter2-hidden@h"}}},
    {"courier": {"http": {"request_config": {"headers": {"Authorization": ["hunter2-hidden"]}}}}},
    {"courier": {"http": {"request_config": {"url": "ftp://u:hunter2-hidden@h"}}}},
    {"serve": {"admin": {"auth": {"keys": [{"name": "a", "key": "hunter2-hidden"}]}}}},
    {"tracing": {"providers": {"otlp": {"authorization_header": {"hunter2-hidden": 1}}}}},
    {"selfservice": {"default_browser_return_url": "https://u:hunter2-hidden@h with space"}},
]


@pytest.mark.parametrize("section", SECRETS)
def test_errors_never_show_a_secret(minimal, section):
    text = "\n".join(problems({**minimal, **section}).values())
    assert "hunter2" not in text
    assert "12345678" not in text


def test_the_errors_repr_shows_no_layer(minimal):
    with pytest.raises(ConfigurationError) as error:
        of({**minimal, "secrets": {"cookie": ["hunter2"]}})
    assert "hunter2" not in repr(error.value)
    assert "hunter2" not in repr(of({**minimal, "secrets": {"cookie": ["hunter2-hunter2-hunter2"]}}))


@pytest.mark.parametrize(
    "name",
    ["accounts", "admin", "api-only", "base", "factors", "keys", "kubernetes", "quickstart", "social", "selfservice"],
)
def test_recorded_configurations_are_accepted(recorded: Path, name: str):
    text = (recorded / f"{name}.yaml").read_text()
    for variable, value in {
        "smtp": "smtp://127.0.0.1:25/",
        "messenger | base64": "e30=",
        "mapper|base64": "e30=",
    }.items():
        text = text.replace("{{" + variable + "}}", value)
    for variable in ("public", "admin", "sink", "oidc"):
        text = text.replace("{{" + variable + "}}", "http://127.0.0.1:1")
    values = yaml.safe_load(text)
    values.setdefault("identity", {})["schemas"] = [{"id": "default", "url": "base64://e30="}]
    assert isinstance(of({"dsn": "memory", **values}), Configuration)


def test_a_copy_with_changes_is_checked_too(configure):
    one = configure(session={"lifespan": "1h"})
    two = replaced(one, {"session.lifespan": "2h", "identity.schemas.0.id": "other"})
    assert (one.get("session.lifespan"), two.get("session.lifespan")) == ("1h", "2h")
    assert two.get("identity.schemas.0.id") == "other"
    assert one.fingerprint() != two.fingerprint()
    assert replaced(one, {"session.lifespan": None}).get("session.lifespan") == "24h"
    with pytest.raises(ConfigurationError, match=r"session\.lifespan"):
        replaced(one, {"session.lifespan": "never"})
