"""Every sentence a unit can say, and that nothing else moves while it says it."""

import dataclasses
from pathlib import Path
from typing import Any

import ops
import pytest
from ops import pebble, testing

from charm import KratosCharm
from identity_server import contract
from unit.charm.states import (
    DATABASE_USER,
    VERSION,
    configuration,
    container,
    create_state,
    database,
    keeping,
    peers,
    serving,
    smtp,
)

SCHEMA = '{"s": {"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}}}'


def status_of(context: testing.Context[Any], state: testing.State) -> ops.StatusBase:
    return context.run(context.on.config_changed(), state).unit_status


def test_a_healthy_unit_is_active(context: testing.Context[Any]) -> None:
    assert status_of(context, create_state()) == ops.ActiveStatus()


def test_the_container_has_not_started(context: testing.Context[Any]) -> None:
    state = create_state(containers=[container(can_connect=False)])
    assert status_of(context, state) == ops.WaitingStatus("Waiting for the kratos container to start")


def test_the_image_has_no_server(context: testing.Context[Any]) -> None:
    broken = testing.Container(
        "kratos",
        can_connect=True,
        execs={testing.Exec(contract.version_command(), return_code=127, stderr="not found")},
    )
    found = status_of(context, create_state(containers=[broken]))
    assert isinstance(found, ops.BlockedStatus) and "oci-image" in found.message


def test_the_server_does_not_say_its_version(context: testing.Context[Any]) -> None:
    mute = testing.Container(
        "kratos", can_connect=True, execs={testing.Exec(contract.version_command(), stdout="hello")}
    )
    assert isinstance(status_of(context, create_state(containers=[mute])), ops.BlockedStatus)


def test_no_peer_relation_yet(context: testing.Context[Any]) -> None:
    state = testing.State(leader=True, containers=[container()], storages=[testing.Storage("data")])
    assert status_of(context, state) == ops.WaitingStatus("Waiting for the peer relation")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"log_level": "loud"}, "log_level: input should be 'trace', 'debug'"),
        ({"sender_email": "nobody"}, "sender_email: "),
        ({"identity_schemas": "{"}, "identity_schemas is not JSON (line 1, column 2)"),
        ({"identity_schemas": SCHEMA}, "set default_identity_schema_id to one of s"),
        (
            {"identity_schemas": SCHEMA, "default_identity_schema_id": "t"},
            'the default schema "t" is none of admin_v0',
        ),
        ({"default_identity_schema_id": "t"}, 'the default schema "t" is none of admin_v0'),
    ],
)
def test_a_bad_option_blocks_and_the_last_good_configuration_stays(
    context: testing.Context[Any], tmp_path: Path, config: dict[str, str], said: str
) -> None:
    good = context.run(context.on.config_changed(), create_state(containers=[keeping(tmp_path)]))
    before = configuration(context, good)
    bad = context.run(context.on.config_changed(), dataclasses.replace(good, config=config))
    assert isinstance(bad.unit_status, ops.BlockedStatus)
    assert bad.unit_status.message.startswith("Bad ") and said in bad.unit_status.message
    assert "\n" not in bad.unit_status.message
    assert configuration(context, bad) == before != {}
    assert bad.get_container("kratos").service_statuses["kratos"] is pebble.ServiceStatus.ACTIVE


def test_a_second_unit_needs_postgresql() -> None:
    second = testing.Context(KratosCharm, app_name="kratos", unit_id=1)
    state = create_state(relations=[peers(peers_data={0: {}})])
    out = second.run(second.on.config_changed(), state)
    assert out.unit_status == ops.BlockedStatus(
        "Several units need PostgreSQL: integrate pg-database, or remove this unit"
    )
    assert configuration(second, out) == {}
    assert out.get_container("kratos").service_statuses["kratos"] is pebble.ServiceStatus.INACTIVE


def test_no_request_is_sent_to_a_unit_that_may_not_serve() -> None:
    second = testing.Context(KratosCharm, app_name="kratos", unit_id=1)
    fresh = container()
    state = create_state(relations=[peers(peers_data={0: {}})], containers=[fresh])
    out = second.run(second.on.pebble_ready(fresh), state)
    plan = out.get_container("kratos").plan
    assert not plan.services
    # A check for life would have Kubernetes end the container again and again.
    ((name, check),) = plan.checks.items()
    assert (name, check.level) == ("ready", pebble.CheckLevel.READY)
    assert check.http == {"url": f"http://127.0.0.1:4434{contract.READY_PATH}"}


def test_the_first_of_several_units_goes_on(context: testing.Context[Any]) -> None:
    assert status_of(context, create_state(relations=[peers(peers_data={1: {}, 2: {}})])) == ops.ActiveStatus()


def test_no_storage_for_the_embedded_database(context: testing.Context[Any]) -> None:
    found = status_of(context, create_state(storages=[]))
    assert isinstance(found, ops.BlockedStatus) and "integrate pg-database" in found.message


def test_the_database_is_not_there_yet(context: testing.Context[Any]) -> None:
    state = create_state(relations=[testing.Relation("pg-database")])
    assert status_of(context, state) == ops.WaitingStatus("Waiting for pg-database to create the database")


def test_the_database_was_removed(context: testing.Context[Any]) -> None:
    out = context.run(context.on.config_changed(), create_state(relations=[peers(migrated=VERSION)]))
    assert isinstance(out.unit_status, ops.BlockedStatus) and "integrate it again" in out.unit_status.message
    assert out.get_container("kratos").service_statuses["kratos"] is pebble.ServiceStatus.INACTIVE


def test_a_follower_waits_for_the_keys(context: testing.Context[Any]) -> None:
    state = create_state(leader=False, keys=False)
    assert status_of(context, state) == ops.WaitingStatus("Waiting for the leader to create the secrets of the server")


def test_a_follower_waits_for_the_migration(context: testing.Context[Any]) -> None:
    state = create_state(leader=False, relations=[database()], secrets=[DATABASE_USER])
    assert status_of(context, state) == ops.WaitingStatus("Waiting for the leader to migrate the database")


def test_the_server_is_not_ready(context: testing.Context[Any]) -> None:
    checks = {testing.CheckInfo("ready", failures=3, threshold=3, status=pebble.CheckStatus.DOWN)}
    found = status_of(context, create_state(containers=[serving(check_infos=checks)]))
    assert isinstance(found, ops.WaitingStatus) and "not ready" in found.message


@pytest.mark.parametrize(("service", "said"), [("kratos", "does not stay up"), ("courier", "no message is sent")])
def test_a_service_that_fell_over(context: testing.Context[Any], service: str, said: str) -> None:
    good = context.run(context.on.config_changed(), create_state(relations=[smtp()]))
    down = testing.Container(
        **{
            **{key: getattr(good.get_container("kratos"), key) for key in ("name", "can_connect", "execs", "layers")},
            "service_statuses": {
                "kratos": pebble.ServiceStatus.ACTIVE,
                "courier": pebble.ServiceStatus.ACTIVE,
                service: pebble.ServiceStatus.ERROR,
            },
        }
    )
    # An action does not reconcile, so the service is still down when the status is collected.
    with pytest.raises(testing.ActionFailed):
        context.run(context.on.action("run-migration"), create_state(containers=[down]))
    state = context.run(context.on.stop(), create_state(containers=[down]))
    assert isinstance(state.unit_status, ops.BlockedStatus) and said in state.unit_status.message


def test_the_servers_own_reason_when_it_refuses_to_start(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: ops.Container) -> None:
        task = pebble.Task.from_dict(
            {
                "id": "1",
                "kind": "start",
                "summary": "start",
                "status": "Error",
                "log": ["2026-01-01T00:00:00Z ERROR service exited\n(log)\n    unknown key selfservice.x"],
                "progress": {"label": "", "done": 1, "total": 1},
                "spawn-time": "2026-01-01T00:00:00Z",
            }
        )
        change = pebble.Change.from_dict(
            {
                "id": "1",
                "kind": "replan",
                "summary": "replan",
                "status": "Error",
                "ready": True,
                "spawn-time": "2026-01-01T00:00:00Z",
            }
        )
        change.tasks = [task]
        raise pebble.ChangeError("it failed", change)

    monkeypatch.setattr(ops.Container, "replan", refuse)
    assert status_of(context, create_state()) == ops.BlockedStatus(
        "The server does not start: unknown key selfservice.x"
    )
