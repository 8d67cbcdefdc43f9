import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import ops
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ops import testing

from identity_charm.relations.smtp import Smtp
from unit.charm.states import smtp


@pytest.mark.parametrize(
    ("changes", "uri"),
    [
        ({"transport_security": "starttls"}, "smtp://ann:pw@mail:587/"),
        ({"transport_security": "tls"}, "smtps://ann:pw@mail:587/"),
        ({"transport_security": "none"}, "smtp://ann:pw@mail:587/?disable_starttls=true"),
        ({"transport_security": "tls", "skip_ssl_verify": "True"}, "smtps://ann:pw@mail:587/?skip_ssl_verify=true"),
        ({"auth_type": "none"}, "smtp://mail:587/"),
        ({"auth_type": "not_provided"}, "smtp://mail:587/"),
        ({"user": "a@b", "password": "p/w#1"}, "smtp://a%40b:p%2Fw%231@mail:587/"),
        ({"host": "fd00::1"}, "smtp://ann:pw@[fd00::1]:587/"),
    ],
)
def test_the_connection(run: Any, configured: Any, changes: dict[str, str], uri: str) -> None:
    assert configured(run(smtp(**changes)))["courier"]["smtp"]["connection_uri"] == uri


@given(st.text(min_size=1), st.text())
def test_any_login_comes_through(user: str, password: str) -> None:
    found = urlsplit(Smtp("mail", 25, user, password).uri)
    assert (unquote(found.username or ""), unquote(found.password or "")) == (user, password)
    assert (found.hostname, found.port, parse_qs(found.query)) == ("mail", 25, {"disable_starttls": ["true"]})


def test_a_password_in_a_secret_in_its_newest_revision(run: Any, configured: Any) -> None:
    secret = testing.Secret({"password": "old"}, latest_content={"password": "new"}, id="secret:smtp", owner=None)
    relation = smtp(password="", password_id="secret:smtp")
    assert ":new@" in configured(run(relation, secrets=[secret]))["courier"]["smtp"]["connection_uri"]


@pytest.mark.parametrize(
    ("config", "sender"),
    [({}, "no-reply@mail.test"), ({"sender_email": "ann@shop.test"}, "ann@shop.test")],
)
def test_the_mail_servers_sender_unless_the_operator_chose_one(
    run: Any, configured: Any, config: dict[str, str], sender: str
) -> None:
    found = configured(run(smtp(smtp_sender="no-reply@mail.test", domain="mail.test"), config=config))["courier"][
        "smtp"
    ]
    assert (found["from_address"], found["local_name"]) == (sender, "mail.test")


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
def test_without_a_mail_server_nothing_is_sent(run: Any, configured: Any, event: str) -> None:
    out = run(smtp() if event == "relation_broken" else testing.Relation("smtp"), event=event)
    assert "connection_uri" not in configured(out)["courier"]["smtp"]
    assert out.get_container("kratos").plan.services["courier"].startup == "disabled"


def test_verification_needs_a_mail_server(run: Any) -> None:
    out = run(config={"enable_verification": True})
    assert out.unit_status == ops.BlockedStatus("enable_verification needs a mail server: integrate smtp")
    assert run(smtp(), config={"enable_verification": True}).unit_status == ops.ActiveStatus()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": "smtp"}, "port must be a number up to 65535"),
        ({"port": "70000"}, "port must be"),
        ({"port": "²"}, "port must be"),
        ({"host": "mail/x"}, "host is not the name of a host"),
        ({"host": "a@b"}, "host is not"),
        ({"host": "a\nb"}, "host is not"),
        ({"transport_security": "maybe"}, "transport_security must be none, starttls or tls"),
        ({"smtp_sender": "nobody"}, "smtp_sender is not an e-mail address"),
    ],
)
def test_what_makes_no_sense_blocks(run: Any, changes: dict[str, str], said: str) -> None:
    out = run(smtp(**changes))
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert re.match(f"smtp: {said}", out.unit_status.message)


def test_the_password_does_not_show_in_a_repr() -> None:
    assert "topsecret" not in repr(Smtp("mail", 25, "ann", "topsecret"))
