"""``pg-database``, from the wire."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import ops
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ops import testing

from identity_charm.relations.database import CA_FILE, Database
from unit.charm import states
from unit.charm.states import DATABASE_USER, VERSION, configuration, create_state, database, peers


def run(context: testing.Context[Any], *relations: testing.Relation, secrets: Any = (DATABASE_USER,)) -> testing.State:
    state = create_state(relations=[*relations, peers(migrated=VERSION)], secrets=list(secrets))
    return context.run(context.on.relation_changed(relations[0]), state)


def dsn(context: testing.Context[Any], state: testing.State) -> str:
    return str(configuration(context, state)["dsn"])


@pytest.mark.parametrize("event", ["relation_created", "relation_joined", "relation_changed"])
def test_the_leader_asks_for_a_database(context: testing.Context[Any], event: str) -> None:
    asked = testing.Relation("pg-database")
    more = {"remote_unit": 0} if event == "relation_joined" else {}
    out = context.run(getattr(context.on, event)(asked, **more), create_state(relations=[asked]))
    assert out.get_relation(asked.id).local_app_data == {
        "database": "shop_kratos",
        "requested-secrets": '["username", "password", "tls", "tls-ca", "uris", "read-only-uris"]',
    }


def test_no_superuser_is_asked_for(context: testing.Context[Any]) -> None:
    asked = testing.Relation("pg-database")
    out = context.run(context.on.relation_created(asked), create_state(relations=[asked]))
    assert "SUPERUSER" not in json.dumps(out.get_relation(asked.id).local_app_data)


def test_what_the_charm_before_asked_for_and_noted_is_taken_back(context: testing.Context[Any]) -> None:
    left = testing.Relation(
        "pg-database",
        id=7007,
        local_app_data={
            "database": "shop_kratos",
            "extra-user-roles": "SUPERUSER",
            "requested-secrets": '["username", "password", "tls", "tls-ca", "uris", "entity-name"]',
            "provided-secrets": '["mtls-cert"]',
        },
        local_unit_data={
            "data": '{"endpoints": "postgres:5432"}',
            "requested-secrets": "[]",
            "provided-secrets": "[]",
            "ingress-address": "10.1.2.3",
        },
        remote_app_data=database().remote_app_data,
    )
    out = run(context, left)
    found = out.get_relation(7007)
    assert isinstance(found, testing.Relation)
    assert set(found.local_app_data) == {"database", "requested-secrets"}
    assert "entity-name" not in found.local_app_data["requested-secrets"]
    assert found.local_unit_data == {"ingress-address": "10.1.2.3"}


def test_a_follower_asks_for_nothing(context: testing.Context[Any]) -> None:
    asked = testing.Relation("pg-database")
    out = context.run(context.on.relation_created(asked), create_state(leader=False, relations=[asked]))
    assert out.get_relation(asked.id).local_app_data == {}


def test_a_user_in_a_secret(context: testing.Context[Any]) -> None:
    assert dsn(context, run(context, database())) == "postgres://ann:pa%2Fss@postgres:5432/shop_kratos"


def test_a_user_in_the_open(context: testing.Context[Any]) -> None:
    relation = testing.Relation(
        "pg-database", id=7007, remote_app_data={"endpoints": "a:1,b:2", "username": "ann", "password": "pw"}
    )
    assert dsn(context, run(context, relation)) == "postgres://ann:pw@a:1/shop_kratos"


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_name_and_any_password_come_through(name: str, password: str, database_name: str) -> None:
    found = urlsplit(Database(1, "host:5432", database_name, name, password).dsn)
    assert (unquote(found.username or ""), unquote(found.password or "")) == (name, password)
    assert found.hostname == "host" and unquote(found.path) == f"/{database_name}"


def test_tls_with_a_certificate_is_verified(context: testing.Context[Any]) -> None:
    tls = testing.Secret({"tls": "True", "tls-ca": "PEM"}, id="secret:tls", owner=None)
    out = run(context, database(**{"secret-tls": "secret:tls"}), secrets=[DATABASE_USER, tls])
    assert parse_qs(urlsplit(dsn(context, out)).query) == {"sslmode": ["verify-full"], "sslrootcert": [CA_FILE]}
    assert (out.get_container("kratos").get_filesystem(context) / CA_FILE[1:]).read_text() == "PEM"


def test_tls_without_a_certificate_is_required_all_the_same(context: testing.Context[Any]) -> None:
    tls = testing.Secret({"tls": "true"}, id="secret:tls", owner=None)
    out = run(context, database(**{"secret-tls": "secret:tls"}), secrets=[DATABASE_USER, tls])
    assert dsn(context, out).endswith("?sslmode=require")


def test_a_rotated_password_is_taken_up(context: testing.Context[Any]) -> None:
    rotated = testing.Secret(
        {"username": "ann", "password": "old"},
        latest_content={"username": "ann", "password": "new"},
        id="secret:dbuser",
        owner=None,
    )
    state = create_state(relations=[database(), peers(migrated=VERSION)], secrets=[rotated])
    out = context.run(context.on.secret_changed(rotated), state)
    assert dsn(context, out) == "postgres://ann:new@postgres:5432/shop_kratos"


@pytest.mark.parametrize(
    "bag",
    [
        {},
        {"endpoints": "a:1"},
        {"endpoints": "a:1", "username": "ann"},
        {"endpoints": "", "username": "ann", "password": "pw"},
        {"endpoints": "a:1", "secret-user": "secret:notgranted"},
        {"endpoints": "a:1", "username": "ann", "password": "pw", "subordinated": "true"},
    ],
)
def test_half_an_answer_is_waited_for(context: testing.Context[Any], bag: dict[str, str]) -> None:
    out = run(context, testing.Relation("pg-database", id=7007, remote_app_data=bag))
    assert out.unit_status == ops.WaitingStatus("Waiting for pg-database to create the database")


def test_a_subordinate_that_is_ready(context: testing.Context[Any]) -> None:
    relation = testing.Relation(
        "pg-database",
        id=7007,
        remote_app_data={"endpoints": "a:1", "username": "ann", "password": "pw", "subordinated": "true"},
        remote_units_data={0: {"state": "ready"}},
    )
    assert run(context, relation).unit_status == ops.ActiveStatus()


def test_a_broken_relation_stops_the_server(context: testing.Context[Any]) -> None:
    gone = database()
    state = create_state(relations=[gone, peers(migrated=VERSION)], secrets=[DATABASE_USER])
    out = context.run(context.on.relation_broken(gone), state)
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert not out.get_container("kratos").services["kratos"].is_running()


def test_another_relation_migrates_again(context: testing.Context[Any]) -> None:
    state = create_state(relations=[database(7008), peers(migrated=VERSION, relation_id=7007)], secrets=[DATABASE_USER])
    context.run(context.on.relation_changed(next(iter(state.get_relations("pg-database")))), state)
    assert states.migrations(context)


def test_the_password_does_not_show_in_a_repr() -> None:
    assert "topsecret" not in repr(Database(1, "host", "db", "ann", "topsecret"))
