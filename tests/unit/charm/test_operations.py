"""Refresh, scale, leaders, removal: what happens to a unit in the course of its life."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import pebble, testing

from charm import KratosCharm
from identity_server import contract
from unit.charm import states
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
)

NEWER = "v26.3.0"


def image(version: str, pending: int = 1, **changes: Any) -> testing.Container:
    """A container whose server has another version."""
    execs = {
        testing.Exec(contract.version_command(), stdout=f"Version: {version}"),
        states.holds("ours", pending=pending),
        testing.Exec(contract.migrate_command(), stdout="done"),
        testing.Exec(contract.check_command(contract.CANDIDATE_FILE)),
    }
    return container(execs=execs, **changes)


def refreshed(version: str = NEWER, pending: int = 1, **changes: Any) -> testing.State:
    """After a refresh: the database was migrated by ``VERSION``, the image is another one."""
    return create_state(
        containers=[image(version, pending)],
        relations=[database(), peers(migrated=VERSION)],
        secrets=[DATABASE_USER],
        **changes,
    )


def migrations(context: testing.Context[Any]) -> list[Any]:
    return states.migrations(context)


def recorded(state: testing.State) -> str:
    (relation,) = state.get_relations("kratos-peers")
    return relation.local_app_data["tables_version_7007"].strip('"')


class TestRefresh:
    @pytest.mark.parametrize("event", ["upgrade_charm", "pebble_ready", "update_status"])
    def test_the_leader_migrates_by_itself(self, context: testing.Context[Any], event: str) -> None:
        state = refreshed()
        happening = getattr(context.on, event)
        given = [next(iter(state.containers))] if event == "pebble_ready" else []
        out = context.run(happening(*given), state)
        assert len(migrations(context)) == 1
        assert recorded(out) == NEWER
        assert out.unit_status == ops.ActiveStatus()

    def test_it_says_so_while_it_does(self, context: testing.Context[Any]) -> None:
        context.run(context.on.upgrade_charm(), refreshed())
        assert ops.MaintenanceStatus("Migrating the database to v26.3.0") in context.unit_status_history

    def test_it_can_be_told_to_wait_for_a_backup(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.upgrade_charm(), refreshed(config={"migrate_automatically": False}))
        assert migrations(context) == []
        assert out.unit_status == ops.BlockedStatus(
            "The database awaits its migration to v26.3.0: back it up, then run the action run-migration"
        )
        done = context.run(context.on.action("run-migration"), out)
        assert recorded(done) == NEWER
        assert done.unit_status == ops.ActiveStatus()
        assert configuration(context, done)

    def test_where_nothing_is_to_change_nobody_is_asked(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.upgrade_charm(), refreshed(pending=0, config={"migrate_automatically": False}))
        assert recorded(out) == NEWER
        assert out.unit_status == ops.ActiveStatus()

    def test_while_it_waits_the_others_wait_too(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.upgrade_charm(), refreshed(leader=False, config={"migrate_automatically": False}))
        assert out.unit_status == ops.WaitingStatus("Waiting for the leader to migrate the database")

    def test_a_new_database_is_never_waited_for(self, context: testing.Context[Any]) -> None:
        state = create_state(
            relations=[database(), peers()], secrets=[DATABASE_USER], config={"migrate_automatically": False}
        )
        assert context.run(context.on.config_changed(), state).unit_status == ops.ActiveStatus()

    def test_f14_an_older_server_works_on_newer_tables(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.upgrade_charm(), refreshed("v26.1.9"))
        assert migrations(context) == []
        assert recorded(out) == VERSION
        assert out.unit_status == ops.ActiveStatus()

    def test_what_others_read_is_written_again(self, context: testing.Context[Any]) -> None:
        relations = [testing.Relation("kratos-info"), states.route("public-route")]
        out = context.run(context.on.upgrade_charm(), create_state(relations=relations))
        (info,) = out.get_relations("kratos-info")
        assert info.local_app_data["login_browser_endpoint"]

    def test_the_new_version_is_shown(self, context: testing.Context[Any]) -> None:
        assert context.run(context.on.upgrade_charm(), refreshed()).workload_version == NEWER


class TestLeaders:
    @pytest.mark.parametrize("endpoint", ["kratos-info", "public-route", "pg-database", "openfga", "receive-ca-cert"])
    def test_f30_a_new_leader_writes_what_the_old_one_did_not(
        self, context: testing.Context[Any], endpoint: str
    ) -> None:
        bare = {
            "kratos-info": testing.Relation("kratos-info"),
            "public-route": states.route("public-route"),
            "pg-database": database(),
            "openfga": testing.Relation("openfga"),
            "receive-ca-cert": testing.Relation("receive-ca-cert"),
        }
        relations = [bare[endpoint], *([states.route("public-route")] if endpoint == "kratos-info" else [])]
        state = create_state(relations=[*relations, peers(migrated=VERSION)], secrets=[DATABASE_USER])
        out = context.run(context.on.leader_elected(), state)
        (written,) = out.get_relations(endpoint)
        assert written.local_app_data

    def test_f30_a_new_leader_migrates_where_the_old_one_died(self, context: testing.Context[Any]) -> None:
        state = create_state(leader=False, relations=[database(), peers()], secrets=[DATABASE_USER])
        before = context.run(context.on.config_changed(), state)
        assert migrations(context) == []
        after = context.run(context.on.leader_elected(), dataclasses.replace(before, leader=True))
        assert recorded(after) == VERSION


class TestContainer:
    def test_f29_a_container_that_starts_anew_gets_everything_again(self, context: testing.Context[Any]) -> None:
        good = context.run(context.on.config_changed(), create_state())
        fresh = container()
        out = context.run(context.on.pebble_ready(fresh), dataclasses.replace(good, containers=[fresh]))
        assert configuration(context, out)
        assert out.get_container("kratos").service_statuses["kratos"] is pebble.ServiceStatus.ACTIVE

    def test_f29_the_server_restarts_by_itself_when_it_hangs(self, context: testing.Context[Any]) -> None:
        plan = context.run(context.on.config_changed(), create_state()).get_container("kratos").plan
        assert plan.services["kratos"].on_check_failure == {"alive": "restart"}
        # The database is no part of it: a restart would not bring that back.
        assert plan.checks["alive"].http == {"url": f"http://127.0.0.1:4434{contract.ALIVE_PATH}"}

    @pytest.mark.parametrize("event", ["pebble_check_failed", "pebble_check_recovered"])
    def test_a_check_that_turns_changes_the_status(self, context: testing.Context[Any], event: str) -> None:
        down = event == "pebble_check_failed"
        info = testing.CheckInfo(
            "ready",
            failures=3 if down else 0,
            threshold=3,
            status=pebble.CheckStatus.DOWN if down else pebble.CheckStatus.UP,
        )
        unit = serving(check_infos={info})
        out = context.run(getattr(context.on, event)(unit, info), create_state(containers=[unit]))
        assert isinstance(out.unit_status, ops.WaitingStatus if down else ops.ActiveStatus)

    @pytest.mark.parametrize("event", ["stop", "remove"])
    def test_a_unit_that_goes_touches_nothing_of_the_others(self, context: testing.Context[Any], event: str) -> None:
        state = create_state(relations=[database(), peers(migrated=VERSION)], secrets=[DATABASE_USER])
        out = context.run(getattr(context.on, event)(), state)
        assert {one.label for one in out.secrets} == {one.label for one in state.secrets}
        assert recorded(out) == VERSION

    @pytest.mark.parametrize("event", ["stop", "remove"])
    def test_f32_what_the_unit_kept_outlives_it(self, context: testing.Context[Any], event: str, tmp_path: Any) -> None:
        (tmp_path / "kratos.sqlite").write_text("identities")
        mounts = {"data": testing.Mount(location="/var/lib/kratos", source=tmp_path)}
        context.run(getattr(context.on, event)(), create_state(containers=[serving(mounts=mounts)]))
        assert (tmp_path / "kratos.sqlite").read_text() == "identities"

    def test_f32_the_same_storage_and_keys_make_the_same_configuration(self, context: testing.Context[Any]) -> None:
        first = context.run(context.on.config_changed(), create_state())
        one = configuration(context, first)
        kept = testing.Storage("data")
        again = context.run(context.on.storage_attached(kept), create_state(storages=[kept]))
        assert again.unit_status == ops.ActiveStatus()
        assert configuration(context, again) == one


class TestRefusal:
    """The server has the last word on its configuration, before it counts."""

    def strict(self, *words: str) -> testing.Container:
        stderr = "\n".join(words)
        execs = {
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            testing.Exec(contract.check_command(contract.CANDIDATE_FILE), return_code=1, stderr=stderr),
        }
        return serving(execs=execs)

    def test_the_last_good_configuration_stays(self, context: testing.Context[Any], tmp_path: Any) -> None:
        good = context.run(context.on.config_changed(), create_state(containers=[keeping(tmp_path)]))
        before = configuration(context, good)
        words = ["The configuration cannot be used:", "  log.level: 'x' is not allowed (from candidate.yaml)", "  more"]
        strict = dataclasses.replace(self.strict(*words), mounts=good.get_container("kratos").mounts)
        state = dataclasses.replace(good, containers=[strict], config={"log_level": "debug"})
        out = context.run(context.on.config_changed(), state)
        assert out.unit_status == ops.BlockedStatus(
            "The server would not start with the new configuration: log.level: 'x' is not allowed"
        )
        assert configuration(context, out) == before
        assert sorted(path.name for path in tmp_path.rglob("*.yaml")) == ["kratos.yaml"]

    @pytest.mark.parametrize(("words", "said"), [([], "exit status 1"), (["no"], "no")])
    def test_a_server_of_few_words(self, context: testing.Context[Any], words: list[str], said: str) -> None:
        out = context.run(context.on.config_changed(), create_state(containers=[self.strict(*words)]))
        assert out.unit_status.message.endswith(f"configuration: {said}")

    def test_a_configuration_that_is_in_use_is_not_asked_about_again(
        self, context: testing.Context[Any], tmp_path: Any
    ) -> None:
        good = context.run(context.on.config_changed(), create_state(containers=[keeping(tmp_path)]))
        context.exec_history.clear()
        context.run(context.on.update_status(), good)
        assert not [one for one in context.exec_history.get("kratos", []) if "check" in one.command]


class TestWishes:
    """What the operator asked for and the server runs without."""

    @pytest.mark.parametrize("option", ["enable_passwordless_login_method", "enable_oidc_webauthn_sequencing"])
    def test_keys_need_a_public_address(self, context: testing.Context[Any], option: str) -> None:
        out = context.run(context.on.config_changed(), create_state(config={option: True}))
        assert out.unit_status == ops.BlockedStatus(
            f"{option} needs a public address: integrate public-route or ingress"
        )
        assert configuration(context, out)["selfservice"]["methods"]["webauthn"] == {"enabled": False}

    @pytest.mark.parametrize(
        ("option", "passwordless"),
        [("enable_passwordless_login_method", True), ("enable_oidc_webauthn_sequencing", False)],
    )
    def test_keys_belong_to_the_public_address(
        self, context: testing.Context[Any], option: str, passwordless: bool
    ) -> None:
        state = create_state(config={option: True}, relations=[states.route("public-route")])
        out = context.run(context.on.config_changed(), state)
        assert out.unit_status == ops.ActiveStatus()
        assert configuration(context, out)["selfservice"]["methods"]["webauthn"] == {
            "enabled": True,
            "config": {
                "passwordless": passwordless,
                "rp": {"id": "shop.test", "display_name": "Identity server", "origin": "https://shop.test"},
            },
        }

    def test_both_uses_of_keys_exclude_each_other(self, context: testing.Context[Any]) -> None:
        config = {"enable_passwordless_login_method": True, "enable_oidc_webauthn_sequencing": True}
        out = context.run(context.on.config_changed(), create_state(config=config))
        assert isinstance(out.unit_status, ops.BlockedStatus) and "exclude each other" in out.unit_status.message


class TestTraces:
    @pytest.fixture
    def destinations(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, str | None]]:
        found: list[tuple[str | None, str | None]] = []
        monkeypatch.setattr(ops.tracing, "set_destination", lambda url, ca: found.append((url, ca)))
        return found

    def test_the_charms_own_go_where_its_relation_says(
        self, context: testing.Context[Any], destinations: list[Any]
    ) -> None:
        receiver = states.tracing("https://tempo:4318")
        charm_tracing = testing.Relation("charm-tracing", remote_app_data=receiver.remote_app_data)
        out = context.run(
            context.on.relation_changed(charm_tracing), create_state(relations=[charm_tracing, states.certificates()])
        )
        assert destinations == [("https://tempo:4318/v1/traces", states.PEM)]
        (relation,) = out.get_relations("charm-tracing")
        assert relation.local_app_data == {"receivers": '["otlp_http"]'}

    def test_without_it_nowhere(self, context: testing.Context[Any], destinations: list[Any]) -> None:
        context.run(context.on.config_changed(), create_state(relations=[states.tracing()]))
        assert destinations == [(None, None)]


def test_a_charm_without_storage_needs_postgresql() -> None:
    """As it is packed for those who switch from a charm that has none."""
    import yaml

    root = states.EMAIL.parents[3]
    meta = yaml.safe_load((root / "metadata.yaml").read_text())
    del meta["storage"], meta["containers"]["kratos"]["mounts"]
    config, actions = (yaml.safe_load((root / f"{name}.yaml").read_text()) for name in ("config", "actions"))
    context = testing.Context(KratosCharm, meta=meta, config=config, actions=actions, app_name="kratos")
    out = context.run(context.on.config_changed(), create_state(storages=[]))
    assert isinstance(out.unit_status, ops.BlockedStatus) and "integrate pg-database" in out.unit_status.message
    state = create_state(storages=[], relations=[database(), peers(migrated=VERSION)], secrets=[DATABASE_USER])
    assert context.run(context.on.config_changed(), state).unit_status == ops.ActiveStatus()
