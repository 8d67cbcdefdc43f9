from typing import Any

import pytest
from ops import testing

from identity_server import contract
from unit.charm.states import DATABASE_USER, VERSION, configuration, container, create_state, database, peers


def related(**changes: Any) -> testing.State:
    return create_state(relations=[database(), peers()], secrets=[DATABASE_USER], **changes)


def test_run_migration(context: testing.Context[Any]) -> None:
    out = context.run(context.on.action("run-migration"), related())
    assert context.action_results == {"version": VERSION}
    assert context.action_logs == ["Applied all migrations.\n"]
    (peer,) = out.get_relations("kratos-peers")
    assert peer.local_app_data == {"migration_version_7007": f'"{VERSION}"'}
    assert configuration(context, out)["dsn"].startswith("postgres://")


def test_run_migration_honours_the_timeout(context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    import ops

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
