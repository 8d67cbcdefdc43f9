"""Every option: what it does to the server's configuration, and the sentence for a value that makes no sense."""

import base64
import json
from typing import Any

import ops
import pytest
import yaml
from ops import testing

from unit.charm import states
from unit.charm.states import configuration, create_state

Context = testing.Context[Any]
OPTIONS = yaml.safe_load((states.EMAIL.parents[3] / "config.yaml").read_text(encoding="utf-8"))["options"]
SCHEMA = {"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}}
#: Tested with what they are about: secrets, schemas, the cluster, a refresh, keys.
ELSEWHERE = {
    "admin_api_keys": "test_admin_keys.py",
    "keyless_admin_api": "test_admin_keys.py",
    "cpu": "test_cluster.py",
    "enable_oidc_webauthn_sequencing": "test_operations.py",
    "enable_passwordless_login_method": "test_operations.py",
    "memory": "test_cluster.py",
    "migrate_automatically": "test_operations.py",
}
PASSWORD = "selfservice.methods.password.config"
FLOWS = "selfservice.flows"
#: Option, a value, a key of the configuration, and what stands there then.
EFFECTS: list[tuple[str, Any, str, Any]] = [
    ("allowed_return_urls", "https://a.example/x, https://b.example", "selfservice.allowed_return_urls", None),
    ("brute_force_free_attempts", 3, "security.brute_force.per_identifier.free_attempts", 3),
    ("brute_force_longest_wait", "5m", "security.brute_force.per_identifier.longest_wait", "5m"),
    ("cors_allowed_origins", "https://a.example", "serve.public.cors.allowed_origins", ["https://a.example"]),
    ("courier_message_retries", 9, "courier.message_retries", 9),
    ("dev", True, "dev", True),
    ("enable_audit_trail", True, "audit.enabled", True),
    ("enable_local_idp", False, "selfservice.methods.password.enabled", False),
    ("enable_registration", True, f"{FLOWS}.registration.enabled", True),
    ("enable_verification", True, f"{FLOWS}.verification.enabled", True),
    ("enforce_mfa", False, "selfservice.methods.totp.enabled", False),
    ("enforce_mfa", False, "session.whoami.required_aal", "aal1"),
    ("log_level", "debug", "log.level", "debug"),
    ("mitigate_account_enumeration", True, "security.account_enumeration.mitigate", True),
    ("password_check_breaches", True, f"{PASSWORD}.haveibeenpwned_enabled", True),
    ("password_check_similarity", False, f"{PASSWORD}.identifier_similarity_check_enabled", False),
    ("password_hashing_algorithm", "argon2", "hashers.algorithm", "argon2"),
    ("password_min_length", 12, f"{PASSWORD}.min_password_length", 12),
    ("sender_email", "accounts@shop.test", "courier.smtp.from_address", "accounts@shop.test"),
    ("sender_name", 'The "shop": #1', "courier.smtp.from_name", 'The "shop": #1'),
    ("session_lifespan", "168h", "session.lifespan", "168h"),
]
#: Option, a value, and how the sentence ends.
REFUSED: list[tuple[str, Any, str]] = [
    (
        "allowed_return_urls",
        "javascript:alert(1)",
        "give addresses such as https://app.example.com, separated by commas",
    ),
    ("allowed_return_urls", "https://", "give addresses such as https://app.example.com, separated by commas"),
    ("brute_force_free_attempts", 0, "input should be greater than or equal to 1"),
    ("brute_force_longest_wait", "soon", "give a duration such as 30m, 12h or 1h30m"),
    ("cors_allowed_origins", "*", "give addresses such as https://app.example.com, separated by commas"),
    ("cors_allowed_origins", "https://a.example/path", "without a path, separated by commas"),
    ("courier_message_retries", -1, "input should be greater than or equal to 0"),
    ("cpu", "many", "give a Kubernetes quantity such as 500m, 2 or 512Mi"),
    ("http_proxy", "http://a\nX: b", "must be one line"),
    ("https_proxy", "a\x00b", "must be one line"),
    ("log_level", "loud", "'trace', 'debug', 'info', 'warning', 'error', 'fatal' or 'panic'"),
    ("memory", "1 GB", "give a Kubernetes quantity such as 500m, 2 or 512Mi"),
    ("no_proxy", "a\rb", "must be one line"),
    ("password_hashing_algorithm", "md5", "'argon2' or 'bcrypt'"),
    ("password_min_length", 5, "input should be greater than or equal to 6"),
    ("sender_email", "nobody", "give an e-mail address"),
    ("sender_email", "a@b\nBcc: c@d", "give an e-mail address"),
    ("sender_name", "a\nBcc: c@d", "must be one line"),
    ("session_lifespan", "24", "give a duration such as 30m, 12h or 1h30m"),
]


def run(context: Context, **config: Any) -> testing.State:
    return context.run(context.on.config_changed(), create_state(config=config, relations=[states.smtp()]))


def at(config: dict[str, Any], path: str) -> Any:
    found: Any = config
    for key in path.split("."):
        found = found[key]
    return found


def test_every_option_is_looked_at() -> None:
    seen = {name for name, *_ in EFFECTS} | set(ELSEWHERE)
    seen |= {"identity_schemas", "default_identity_schema_id", "recovery_email_template"}
    assert seen | {"http_proxy", "https_proxy", "no_proxy"} == set(OPTIONS)
    for name, file in ELSEWHERE.items():
        assert name in (states.EMAIL.parent / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "value", "path", "expected"), EFFECTS)
def test_what_it_does(context: Context, name: str, value: Any, path: str, expected: Any) -> None:
    before = at(configuration(context, run(context)), path) if name != "cors_allowed_origins" else None
    out = run(context, **{name: value})
    assert out.unit_status == ops.ActiveStatus()
    found = at(configuration(context, out), path)
    assert found != before
    assert found == (value.split(", ") if expected is None else expected)


@pytest.mark.parametrize(("name", "value", "said"), REFUSED)
def test_what_makes_no_sense_is_one_sentence_and_changes_nothing(
    context: Context, tmp_path: Any, name: str, value: Any, said: str
) -> None:
    good = context.run(context.on.config_changed(), create_state(containers=[states.keeping(tmp_path)]))
    before = configuration(context, good)
    state = create_state(containers=[good.get_container("kratos")], config={name: value})
    found = context.run(context.on.config_changed(), state)
    assert isinstance(found.unit_status, ops.BlockedStatus)
    message = found.unit_status.message
    assert message.startswith(f"Bad option: {name}: ") and message.endswith(said) and "\n" not in message
    assert configuration(context, found) == before


@pytest.mark.parametrize(
    ("name", "variable"), [(f"{kind}_proxy", f"{kind.upper()}_PROXY") for kind in ("http", "https", "no")]
)
def test_proxies_are_the_servers(context: Context, name: str, variable: str) -> None:
    services = run(context, **{name: "proxy.shop.test"}).get_container("kratos").plan.services
    for service in services.values():
        assert service.environment[variable] == "proxy.shop.test"
    plain = run(context).get_container("kratos").plan.services["kratos"]
    assert variable not in plain.environment


def test_a_template_of_the_recovery_mail_goes_inside(context: Context) -> None:
    text = "<p>Grüße: {{ .RecoveryCode }}</p>"
    config = configuration(context, run(context, recovery_email_template=text))
    url = at(config, "courier.templates.recovery_code.valid.email.body.html")
    assert base64.b64decode(url.removeprefix("base64://")).decode() == text


def test_schemas_and_their_default(context: Context) -> None:
    given = {"identity_schemas": json.dumps({"own": SCHEMA}), "default_identity_schema_id": "own"}
    config = configuration(context, run(context, **given))
    assert config["identity"]["default_schema_id"] == "own"
    for bad in (
        {"identity_schemas": "{"},
        {"default_identity_schema_id": "nobody"},
        {"identity_schemas": given["identity_schemas"]},
    ):
        found = run(context, **bad).unit_status
        assert isinstance(found, ops.BlockedStatus) and found.message.startswith("Bad identity schemas: ")
