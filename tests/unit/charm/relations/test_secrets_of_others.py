"""What one application granted us is handed to no other that knows the secret's id."""

from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import database, openfga, smtp, webhook

PRECIOUS = "secret:9m4e2mr0ui3e8a215n4g"


def granted(**content: str) -> testing.Secret:
    return testing.Secret(content, id=PRECIOUS, owner=None)


def of(relation: testing.Relation, app: str, number: int) -> testing.Relation:
    """A relation of an application."""
    return testing.Relation(
        relation.endpoint, id=number, remote_app_name=app, remote_app_data=dict(relation.remote_app_data)
    )


@pytest.mark.parametrize("spelling", [PRECIOUS, PRECIOUS.replace("secret:", "secret://6b5e2f10/")])
@pytest.mark.parametrize(("postgresql", "mail"), [(1, 2), (2, 1)], ids=["the younger", "the older"])
def test_a_mail_server_does_not_get_the_password_of_the_database(
    run: Any, configured: Any, spelling: str, postgresql: int, mail: int
) -> None:
    secret = granted(username="ann", password="precious")
    wanting = of(smtp(password_id=spelling), "mail", mail)
    related = [wanting, of(database(**{"secret-user": PRECIOUS}), "postgresql", postgresql)]
    out = run(*related, secrets=[secret])
    assert out.unit_status == ops.BlockedStatus("smtp: the secret that it names is that of pg-database")
    assert "precious" not in str(configured(out).get("courier"))


def test_a_hook_does_not_get_an_operators_key(run: Any) -> None:
    secret = granted(**{"auth-config-value": "k" * 32})
    hook = of(webhook("login", auth_config_value_secret=PRECIOUS), "hook", 1)
    out = run(hook, config={"admin_api_keys": PRECIOUS}, secrets=[secret])
    assert out.unit_status == ops.BlockedStatus(
        "kratos-login-webhook: the secret that it names is that of admin_api_keys"
    )


def test_who_comes_later_does_not_get_what_is_another_s(run: Any) -> None:
    secret = granted(token="fga", password="pw")
    out = run(
        of(openfga(token_secret_id=PRECIOUS), "fga", 2), of(smtp(password_id=PRECIOUS), "mail", 1), secrets=[secret]
    )
    assert out.unit_status == ops.BlockedStatus("openfga: the secret that it names is that of smtp")


def test_one_application_may_use_a_secret_twice(run: Any, configured: Any) -> None:
    secret = granted(**{"auth-config-value": "hook-key-of-both"})
    both = [
        of(webhook(flow, auth_config_value_secret=PRECIOUS), "hook", number)
        for number, flow in enumerate(("login", "registration"), 1)
    ]
    assert str(configured(run(*both, secrets=[secret]))).count("hook-key-of-both") > 1
