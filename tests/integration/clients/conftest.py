"""A server with mail and second factors for Kratos' own client packages, on each database in turn."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import node_clients
from identity_server import randomness
from integration.mailbox import schema
from integration.pages.harbour import MEMBER
from live_server import LiveServer, live_server
from mail_sink import MailSink, mail_sink
from node_clients import NodeClient

PASSWORD = "wind-9-Mill-Sail"


def settings(sink: MailSink) -> dict[str, Any]:
    """Codes by mail, two second factors, and answers that tell apps how to go on."""
    after = {"hooks": [{"hook": "session"}, {"hook": "show_verification_ui"}]}
    return {
        **schema(MEMBER),
        "feature_flags": {"use_continue_with_transitions": True},
        "courier": {"smtp": {"connection_uri": sink.uri}, "worker": {"pull_wait": "100ms"}},
        "session": {"whoami": {"required_aal": "highest_available"}},
        "selfservice": {
            "methods": {
                "code": {"enabled": True, "passwordless_enabled": True},
                "totp": {"enabled": True, "config": {"issuer": "Site", "allow_code_reuse": True}},
                "lookup_secret": {"enabled": True},
            },
            "flows": {
                "recovery": {"enabled": True, "use": "code"},
                "verification": {"enabled": True, "use": "code"},
                "registration": {"after": {"password": after, "code": after}},
                "settings": {"required_aal": "highest_available"},
            },
        },
    }


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    """A real mail server."""
    with mail_sink() as opened:
        yield opened


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database for all tests of a module; an empty DSN is SQLite."""
    if request.param == "sqlite":
        yield ""
        return
    host, name = request.getfixturevalue("postgres_server"), f"clients_{randomness.token(8).lower()}"
    with psycopg.connect(f"{host}postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{host}{name}?sslmode=disable"
    with psycopg.connect(f"{host}postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, database: str, sink: MailSink) -> Iterator[LiveServer]:
    """A server for all tests of a module."""
    folder = tmp_path_factory.mktemp("clients")
    with live_server(folder, database, settings(sink), arguments=("--watch-courier",)) as running:
        yield running


@pytest.fixture
def email() -> str:
    """An address that nobody has."""
    return f"{randomness.token(8).lower()}@mail.test"


@pytest.fixture(scope="module")
def node() -> Iterator[NodeClient]:
    """The client for JavaScript."""
    if reason := node_clients.missing():
        pytest.skip(reason)
    with node_clients.running() as client:
        yield client
