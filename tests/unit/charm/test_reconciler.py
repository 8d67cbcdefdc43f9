"""From any state to the wanted one."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import ops
import pytest
from ops import pebble, testing

from identity_server import contract
from unit.charm.states import (
    DATABASE_USER,
    KINDS,
    VERSION,
    configuration,
    container,
    create_state,
    database,
    holds,
    keeping,
    migrations,
    peers,
    smtp,
)


def test_pebble_ready_starts_the_server(context: testing.Context[Any]) -> None:
    fresh = container()
    out = context.run(context.on.pebble_ready(fresh), create_state(containers=[fresh]))
    plan = out.get_container("kratos").plan
    assert plan.services["kratos"].command == "kratos serve all --config /etc/config/kratos/kratos.yaml"
    assert plan.services["courier"].command == "kratos courier watch --config /etc/config/kratos/kratos.yaml"
    assert plan.services["kratos"].startup == "enabled"
    assert plan.services["kratos"].on_check_failure == {"alive": "restart"}
    assert {check.http["url"] for check in plan.checks.values() if check.http} == {
        f"http://127.0.0.1:4434{contract.ALIVE_PATH}",
        f"http://127.0.0.1:4434{contract.READY_PATH}",
    }
    assert out.get_container("kratos").service_statuses["kratos"] is pebble.ServiceStatus.ACTIVE
    assert out.workload_version == VERSION
    assert {port.port for port in out.opened_ports} == {4433, 4434}


def test_secrets_are_in_no_command_and_no_environment(context: testing.Context[Any]) -> None:
    out = context.run(context.on.config_changed(), create_state(keys=False))
    (made,) = out.secrets
    plan = str(out.get_container("kratos").plan)
    content = made.latest_content or {}
    secrets = [json.loads(content[kind])[0] for kind in ("admin", *KINDS)]
    assert len(set(secrets)) == 5
    assert not [secret for secret in secrets if secret in plan]


def test_the_configuration_is_for_the_server_alone(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: dict[str, Any] = {}
    push = ops.Container.push

    def remember(self: ops.Container, path: str, text: str, **more: Any) -> None:
        modes[path] = more.get("permissions")
        push(self, path, text, **more)

    monkeypatch.setattr(ops.Container, "push", remember)
    context.run(context.on.config_changed(), create_state())
    assert modes == {contract.CONFIG_FILE: 0o600, contract.CANDIDATE_FILE: 0o600}


def test_nothing_is_pushed_or_restarted_twice(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = context.run(context.on.config_changed(), create_state(containers=[keeping(tmp_path)]))
    before = good.get_container("kratos").plan.to_dict()
    monkeypatch.setattr(ops.Container, "push", lambda *_, **__: pytest.fail("pushed"))
    again = context.run(context.on.update_status(), good)
    assert again.get_container("kratos").plan.to_dict() == before


def digests(state: testing.State) -> dict[str, str]:
    """What makes Pebble restart a service, by its name."""
    services = state.get_container("kratos").plan.services
    return {name: service.environment["CONFIGURATION_DIGEST"] for name, service in services.items()}


@pytest.mark.parametrize("config", [{"log_level": "debug"}, {"dev": True}])
def test_what_the_server_reads_only_at_its_start_restarts_it(
    context: testing.Context[Any], config: dict[str, Any]
) -> None:
    good = context.run(context.on.config_changed(), create_state())
    out = context.run(context.on.config_changed(), dataclasses.replace(good, config=config))
    assert digests(out)["kratos"] != digests(good)["kratos"]
    assert digests(out)["courier"] != digests(good)["courier"]


@pytest.mark.parametrize("config", [{"enable_registration": True}, {"session_lifespan": "1h"}, {"sender_name": "Ann"}])
def test_what_it_takes_up_by_itself_restarts_the_courier_alone(
    context: testing.Context[Any], config: dict[str, Any]
) -> None:
    good = context.run(context.on.config_changed(), create_state())
    before = configuration(context, good)
    out = context.run(context.on.config_changed(), dataclasses.replace(good, config=config))
    assert configuration(context, out) != before
    assert digests(out)["kratos"] == digests(good)["kratos"]
    assert digests(out)["courier"] != digests(good)["courier"]


def test_the_version_is_asked_once(context: testing.Context[Any]) -> None:
    good = context.run(context.on.config_changed(), create_state())
    context.exec_history.clear()
    context.run(context.on.update_status(), good)
    assert not [one for one in context.exec_history.get("kratos", []) if one.command == contract.version_command()]


def test_a_new_image_is_asked_again(context: testing.Context[Any]) -> None:
    good = context.run(context.on.config_changed(), create_state())
    newer = testing.Container(
        "kratos", can_connect=True, execs={testing.Exec(contract.version_command(), stdout="Version: v26.3.0")}
    )
    out = context.run(context.on.pebble_ready(newer), dataclasses.replace(good, containers=[newer]))
    assert out.workload_version == "v26.3.0"


def test_f30_every_unit_delivers_so_that_no_mail_waits_for_a_new_leader(context: testing.Context[Any]) -> None:
    relations = [database(), peers(migrated=VERSION), smtp()]
    state = create_state(relations=relations, secrets=[DATABASE_USER])
    for leader in (True, False, True):
        out = context.run(context.on.update_status(), dataclasses.replace(state, leader=leader))
        assert out.get_container("kratos").service_statuses["courier"] is pebble.ServiceStatus.ACTIVE


def test_without_a_mail_server_the_courier_stops(context: testing.Context[Any]) -> None:
    mail = smtp()
    before = context.run(context.on.config_changed(), create_state(relations=[mail]))
    out = context.run(context.on.relation_broken(mail), before)
    assert out.get_container("kratos").service_statuses["courier"] is pebble.ServiceStatus.INACTIVE
    assert "connection_uri" not in configuration(context, out)["courier"]["smtp"]


class TestKeys:
    def test_the_leader_makes_them_once(self, context: testing.Context[Any]) -> None:
        first = context.run(context.on.config_changed(), create_state(keys=False))
        (made,) = first.secrets
        assert made.owner == "app"
        for kind in ("cookie", "cipher", "default", "pagination"):
            (key,) = json.loads((made.latest_content or {})[kind])
            assert len(key) == 32
            assert configuration(context, first)["secrets"][kind] == [key]
        second = context.run(context.on.update_status(), first)
        assert second.secrets == first.secrets

    def test_tokens_at_rest_are_encrypted(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.config_changed(), create_state())
        assert configuration(context, out)["ciphers"] == {"algorithm": "xchacha20-poly1305"}

    def test_a_follower_makes_none(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.config_changed(), create_state(leader=False, keys=False))
        assert not out.secrets

    def test_the_cookie_key_of_the_former_charm_stays(self, context: testing.Context[Any]) -> None:
        former = testing.Secret({"cookiesecret": "f" * 32}, label="cookie_secret", owner="app")
        out = context.run(context.on.upgrade_charm(), create_state(keys=False, secrets=[former]))
        assert configuration(context, out)["secrets"]["cookie"] == ["f" * 32]
        assert configuration(context, out)["secrets"]["cipher"] != ["f" * 32]

    def test_they_do_not_show_in_a_repr(self) -> None:
        from identity_charm.server_secrets import ServerSecrets

        assert "topsecret" not in repr(
            ServerSecrets(["topsecret"], ["topsecret"], ["topsecret"], ["topsecret"], "topsecret")
        )


class TestMigration:
    def test_the_leader_migrates_then_records_then_serves(self, context: testing.Context[Any]) -> None:
        state = create_state(relations=[database(), peers()], secrets=[DATABASE_USER])
        out = context.run(context.on.config_changed(), state)
        (run,) = migrations(context)
        assert run.environment == {"DSN": "postgres://ann:pa%2Fss@postgres:5432/shop_kratos"}
        assert "pa%2Fss" not in " ".join(run.command)
        (peer,) = [one for one in out.relations if one.endpoint == "kratos-peers"]
        assert peer.local_app_data["tables_version_7007"] == f'"{VERSION}"'
        assert out.unit_status == ops.ActiveStatus()
        assert configuration(context, out)["dsn"] == "postgres://ann:pa%2Fss@postgres:5432/shop_kratos"

    def test_an_up_to_date_database_is_left_alone(self, context: testing.Context[Any]) -> None:
        state = create_state(relations=[database(), peers(migrated=VERSION)], secrets=[DATABASE_USER])
        context.run(context.on.config_changed(), state)
        assert not migrations(context)

    def test_a_follower_never_migrates(self, context: testing.Context[Any]) -> None:
        state = create_state(leader=False, relations=[database(), peers()], secrets=[DATABASE_USER])
        context.run(context.on.config_changed(), state)
        assert not migrations(context)

    def test_f15_a_failed_migration_is_not_recorded_and_tried_again(self, context: testing.Context[Any]) -> None:
        failing = container(
            execs={
                testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
                holds(),
                testing.Exec(contract.migrate_command(), return_code=1, stderr="a\nthe table is locked\n"),
            }
        )
        state = create_state(containers=[failing], relations=[database(), peers()], secrets=[DATABASE_USER])
        out = context.run(context.on.config_changed(), state)
        (peer,) = [one for one in out.relations if one.endpoint == "kratos-peers"]
        assert peer.local_app_data == {}
        assert isinstance(out.unit_status, ops.WaitingStatus) and "tried again" in out.unit_status.message
        assert any("the table is locked" in line.message for line in context.juju_log)
        assert configuration(context, out) == {}
        mended = dataclasses.replace(out, containers=[container()])
        assert context.run(context.on.update_status(), mended).unit_status == ops.ActiveStatus()

    def test_f15_a_migration_that_takes_too_long_is_not_recorded(
        self, context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = ops.Container.exec

        def late(self: ops.Container, command: list[str], **more: Any) -> Any:
            if "migrate" in command and "tables" not in command:
                raise TimeoutError
            return run(self, command, **more)

        monkeypatch.setattr(ops.Container, "exec", late)
        state = create_state(relations=[database(), peers()], secrets=[DATABASE_USER])
        out = context.run(context.on.config_changed(), state)
        (peer,) = [one for one in out.relations if one.endpoint == "kratos-peers"]
        assert peer.local_app_data == {}
        assert isinstance(out.unit_status, ops.WaitingStatus)
