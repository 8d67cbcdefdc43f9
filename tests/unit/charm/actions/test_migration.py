from typing import Any

import ops
import pytest
from ops import testing

from identity_charm.actions import migration
from identity_server import contract
from unit.charm.states import DATABASE_USER, VERSION, configuration, container, create_state, database, peers


def related(**changes: Any) -> testing.State:
    return create_state(relations=[database(), peers()], secrets=[DATABASE_USER], **changes)


def test_run_migration(context: testing.Context[Any]) -> None:
    out = context.run(context.on.action("run-migration"), related())
    assert context.action_results == {"version": VERSION}
    assert context.action_logs == ["Applied all migrations.\n"]
    (peer,) = out.get_relations("kratos-peers")
    assert peer.local_app_data == {"tables_version_7007": f'"{VERSION}"'}
    assert configuration(context, out)["dsn"].startswith("postgres://")


def test_run_migration_honours_the_timeout(context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    run = ops.Container.exec

    def remember(self: ops.Container, command: list[str], **more: Any) -> Any:
        if "migrate" in command:
            seen.append(more["timeout"])
        return run(self, command, **more)

    monkeypatch.setattr(ops.Container, "exec", remember)
    context.run(context.on.action("run-migration", params={"timeout": 7}), related())
    assert seen == [7]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (related(leader=False), "Only the leader may migrate"),
        (related(containers=[container(can_connect=False)]), "Waiting for the kratos container"),
        (create_state(relations=[testing.Relation("pg-database")]), "Waiting for pg-database"),
        (create_state(), "The embedded database is migrated by the server itself"),
        (related(config={"log_level": "loud"}), "Bad option"),
    ],
)
def test_run_migration_that_may_not(refusal: Any, state: testing.State, said: str) -> None:
    assert said in refusal("run-migration", state)


@pytest.mark.parametrize("timeout", [0, -1])
def test_run_migration_with_a_bad_timeout(refusal: Any, timeout: float) -> None:
    assert "timeout: input should be greater than 0" in refusal("run-migration", related(), timeout=timeout)


def test_run_migration_that_fails_gives_the_cause(refusal: Any, context: testing.Context[Any]) -> None:
    failing = container(
        execs={
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            testing.Exec(contract.migrate_command(), return_code=1, stderr="the table is locked\n"),
        }
    )
    said = refusal("run-migration", related(containers=[failing]))
    assert said == "The database migration did not finish: the table is locked"


def switched(*, refused: str = "", **changes: Any) -> testing.State:
    """After a switch from Canonical's charm: its note of a migration, its key, and its server's tables."""
    execs = {
        testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
        testing.Exec(contract.migrate_command(set_aside=True), stdout="Applied: 0001.\n"),
        testing.Exec(contract.check_command(contract.CANDIDATE_FILE)),
        testing.Exec(contract.export_others_command(migration.OTHERS_FILE)),
        testing.Exec(contract.import_command(migration.OTHERS_FILE), return_code=1 if refused else 0, stderr=refused),
    }
    bag = {"migration_version_7007": f'"{VERSION}"', "leader": '"kratos/0"'}
    relation = testing.PeerRelation("kratos-peers", local_app_data=bag)
    former = testing.Secret({"cookiesecret": "0123456789abcdef0123456789abcdef"}, label="cookie_secret", owner="app")
    return create_state(
        keys=False,
        relations=[database(), relation],
        secrets=[DATABASE_USER, former],
        containers=[container(execs=execs)],
        **changes,
    )


@pytest.mark.parametrize("event", ["upgrade_charm", "update_status", "config_changed"])
def test_the_tables_of_the_charm_before_are_not_touched_by_itself(context: testing.Context[Any], event: str) -> None:
    out = context.run(getattr(context.on, event)(), switched())
    assert out.unit_status == ops.BlockedStatus(
        "The database is of the charm before: back it up, then run the action run-migration, which takes it over"
    )
    assert not [one for one in context.exec_history["kratos"] if "migrate" in one.command]


def test_a_follower_waits_for_that(context: testing.Context[Any]) -> None:
    out = context.run(context.on.upgrade_charm(), switched(leader=False))
    assert isinstance(out.unit_status, ops.WaitingStatus)


def test_run_migration_takes_the_identities_of_the_charm_before_over(context: testing.Context[Any]) -> None:
    before = context.run(context.on.upgrade_charm(), switched())
    context.exec_history.clear()
    out = context.run(context.on.action("run-migration"), before)
    commands = [one.command for one in context.exec_history["kratos"]]
    wanted = [
        contract.migrate_command(set_aside=True),
        contract.export_others_command(migration.OTHERS_FILE),
        contract.import_command(migration.OTHERS_FILE),
    ]
    assert [command for command in commands if command in wanted] == wanted
    assert out.unit_status == ops.ActiveStatus()
    assert configuration(context, out)["secrets"]["cookie"] == ["0123456789abcdef0123456789abcdef"]
    again = context.run(context.on.update_status(), out)
    assert again.unit_status == ops.ActiveStatus(), "it is one of ours now"


def test_identities_that_are_refused_are_not_lost(refusal: Any, context: testing.Context[Any]) -> None:
    refused = "2 rows\nrow 7: the e-mail address is taken"
    said = refusal("run-migration", context.run(context.on.upgrade_charm(), switched(refused=refused)))
    assert "row 7: the e-mail address is taken" in said
    assert "kratos identities import /var/lib/kratos/exchange/identities-before.jsonl" in said
