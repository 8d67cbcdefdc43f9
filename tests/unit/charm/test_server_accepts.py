"""The contract between the two programs: whatever the charm writes, the server reads as it was meant."""

from typing import Any

import pytest
from ops import testing

from identity_charm import oidc_providers
from identity_server.configuration import loading, tree
from identity_server.configuration.values import Configuration
from unit.charm import states
from unit.charm.states import configuration, create_state

OPTIONS: list[dict[str, Any]] = [
    {},
    {"enable_local_idp": False},
    {"enable_registration": True, "enable_verification": True},
    {"enforce_mfa": False},
    {"enable_passwordless_login_method": True},
    {"enable_oidc_webauthn_sequencing": True},
    {"password_min_length": 12, "password_check_breaches": True, "password_hashing_algorithm": "argon2"},
    {"session_lifespan": "1h30m", "mitigate_account_enumeration": True, "brute_force_longest_wait": "1m"},
    {"allowed_return_urls": "https://a.example/x, https://b.example", "cors_allowed_origins": "https://a.example"},
    {"sender_name": 'Ann "the" <shop>: #1', "recovery_email_template": "<p>{{ .RecoveryCode }}</p>"},
    {"courier_message_retries": 0, "log_level": "trace", "dev": True},
]


def accepted(context: testing.Context[Any], state: testing.State) -> Configuration:
    """What the server makes of the configuration in the container."""
    return loading.of(configuration(context, state))


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(options) or "defaults")
@pytest.mark.parametrize("related", [False, True], ids=["alone", "with everything"])
def test_every_option(context: testing.Context[Any], options: dict[str, Any], related: bool) -> None:
    everything = {"relations": states.everything(), "secrets": states.everybodys_secrets()} if related else {}
    out = context.run(context.on.config_changed(), create_state(config=options, **everything))
    assert accepted(context, out)


def test_the_vendors_are_those_the_server_knows() -> None:
    assert set(oidc_providers.KINDS) == set(_vendors())


def _vendors() -> list[str]:
    return list(tree.document()["$defs"]["provider"]["properties"]["provider"]["enum"])
