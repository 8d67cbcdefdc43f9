import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from identity_charm.actions import migration
from identity_server import contract
from unit.charm.states import (
    DATABASE_USER,
    VERSION,
    configuration,
    container,
    create_state,
    database,
    holds,
    migrations,
    peers,
)

#: What Canonical's charm tells its units.
NOTES = {"migration_version_7007": f'"{VERSION}"', "leader": '"kratos/0"'}
TAKE_OVER = [
    contract.migrate_command(set_aside=True),
    contract.export_others_command(migration.OTHERS_FILE),
    contract.import_command(migration.OTHERS_FILE),
    contract.tables_command(taken_over=True),
]


def related(**changes: Any) -> testing.State:
    return create_state(relations=[database(), peers()], secrets=[DATABASE_USER], **changes)


def test_run_migration(context: testing.Context[Any]) -> None:
    out = context.run(context.on.action("run-migration"), related())
    assert context.action_results == {"version": VERSION}
    assert context.action_logs == ["Applied all migrations.\n"]
    (peer,) = out.get_relations("kratos-peers")
    assert peer.local_app_data["tables_version_7007"] == f'"{VERSION}"'
    assert configuration(context, out)["dsn"].startswith("postgres://")


def test_run_migration_honours_the_timeout(context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    run = ops.Container.exec

    def remember(self: ops.Container, command: list[str], **more: Any) -> Any:
        if command == contract.migrate_command():
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
            holds(),
            testing.Exec(contract.migrate_command(), return_code=1, stderr="the table is locked\n"),
        }
    )
    said = refusal("run-migration", related(containers=[failing]))
    assert said == "The database migration did not finish: the table is locked"


def image(found: testing.Exec | None = None, **failing: str) -> testing.Container:
    """A server that finds tables of Ory Kratos, unless told otherwise.

    Args:
        failing: what is said by steps that fail: ``exports``, ``imports``, ``checks``.
    """

    def step(name: str, command: list[str], said: str = "") -> testing.Exec:
        return testing.Exec(command, return_code=int(name in failing), stderr=failing.get(name, ""), stdout=said)

    return container(
        execs={
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            found or holds("kratos", pending=3),
            testing.Exec(contract.migrate_command(), stdout="Up to date.\n"),
            testing.Exec(contract.migrate_command(set_aside=True), stdout="Applied: 0001.\n"),
            step("checks", contract.check_command(contract.CANDIDATE_FILE)),
            step("exports", contract.export_others_command(migration.OTHERS_FILE)),
            step("imports", contract.import_command(migration.OTHERS_FILE), "2 imported\n"),
            testing.Exec(contract.tables_command(taken_over=True)),
        }
    )


def on_kratos_tables(
    found: testing.Exec | None = None, notes: dict[str, str] = NOTES, relation: int = 7007, **changes: Any
) -> testing.State:
    """An application on a database with tables of Ory Kratos; by default one that ran Canonical's charm before."""
    failing = {key: changes.pop(key) for key in ("exports", "imports", "checks") if key in changes}
    former = testing.Secret({"cookiesecret": "0123456789abcdef0123456789abcdef"}, label="cookie_secret", owner="app")
    return create_state(
        keys=False,
        relations=[database(relation), testing.PeerRelation("kratos-peers", local_app_data=notes)],
        secrets=[DATABASE_USER, former],
        containers=[image(found, **failing)],
        **changes,
    )


def app_bag(state: testing.State) -> dict[str, str]:
    (relation,) = state.get_relations("kratos-peers")
    return dict(relation.local_app_data)


def steps(context: testing.Context[Any]) -> list[list[str]]:
    """The steps of a take-over that were gone, in their order."""
    return [one.command for one in context.exec_history["kratos"] if one.command in TAKE_OVER]


def refused(context: testing.Context[Any], state: testing.State, **params: Any) -> tuple[str, testing.State]:
    """What the action says some time after the refresh, and what is left."""
    state = context.run(context.on.upgrade_charm(), state)
    with pytest.raises(testing.ActionFailed) as failed:
        context.run(context.on.action("run-migration", params=params), state)
    assert failed.value.state and "\n" not in failed.value.message
    return failed.value.message, failed.value.state


def with_image(state: testing.State, found: testing.Exec | None = None, **failing: str) -> testing.State:
    """The same with another server: the one before left its files behind."""
    return dataclasses.replace(state, containers=[image(found, **failing)])


BEFORE = "The database is of the charm before: back it up, then run the action run-migration, which takes it over"
STRANGE = (
    "The database holds tables of Ory Kratos: end what works on them, back them up, "
    "then run the action run-migration with take-over=true"
)
UNFINISHED = "Not all identities of the server before are taken over: run the action run-migration on the leader"


@pytest.mark.parametrize("event", ["upgrade_charm", "update_status", "config_changed"])
@pytest.mark.parametrize(
    ("notes", "relation", "said"),
    [
        (NOTES, 7007, BEFORE),
        (NOTES, 7008, BEFORE),
        ({"tables_version_7007": f'"{VERSION}"'}, 7008, STRANGE),
        ({}, 7007, STRANGE),
    ],
    ids=["switched", "integrated anew after the switch", "another database", "a new application"],
)
def test_tables_of_another_server_are_not_touched_by_itself(
    context: testing.Context[Any], event: str, notes: dict[str, str], relation: int, said: str
) -> None:
    out = context.run(getattr(context.on, event)(), on_kratos_tables(notes=notes, relation=relation))
    assert out.unit_status == ops.BlockedStatus(said)
    assert migrations(context) == []


def test_a_follower_waits_for_that(context: testing.Context[Any]) -> None:
    out = context.run(context.on.upgrade_charm(), on_kratos_tables(leader=False))
    assert isinstance(out.unit_status, ops.WaitingStatus)
    assert not [one for one in context.exec_history["kratos"] if "migrate" in one.command]


@pytest.mark.parametrize("relation", [7007, 7008])
def test_run_migration_takes_the_identities_of_the_charm_before_over(
    context: testing.Context[Any], relation: int
) -> None:
    before = context.run(context.on.upgrade_charm(), on_kratos_tables(relation=relation))
    context.exec_history.clear()
    out = context.run(context.on.action("run-migration"), before)
    assert steps(context) == TAKE_OVER
    assert "2 imported\n" in context.action_logs
    assert out.unit_status == ops.ActiveStatus()
    assert configuration(context, out)["secrets"]["cookie"] == ["0123456789abcdef0123456789abcdef"]
    assert f"take_over_{relation}" not in app_bag(out)
    again = context.run(context.on.update_status(), out)
    assert again.unit_status == ops.ActiveStatus(), "it is one of ours now"


def test_notes_of_the_charm_before_that_nobody_reads_go(context: testing.Context[Any]) -> None:
    out = context.run(context.on.upgrade_charm(), on_kratos_tables())
    assert app_bag(out) == {"migration_version_7007": f'"{VERSION}"'}


def test_tables_that_are_not_the_applications_own_are_moved_only_when_somebody_says_so(
    context: testing.Context[Any],
) -> None:
    said, left = refused(context, on_kratos_tables(notes={}))
    assert said == STRANGE
    assert steps(context) == []
    out = context.run(context.on.action("run-migration", params={"take-over": True}), left)
    assert steps(context) == TAKE_OVER
    assert out.unit_status == ops.ActiveStatus()


class TestADatabaseThatWasThereBefore:
    """A relation has a new id whenever it is made anew; what counts is what lies in the database."""

    def test_our_older_tables_are_migrated_by_itself(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.update_status(), on_kratos_tables(holds("ours", pending=1), relation=7008))
        assert [one.command for one in migrations(context)] == [contract.migrate_command()]
        assert out.unit_status == ops.ActiveStatus()

    def test_unless_a_backup_is_to_be_made_before(self, context: testing.Context[Any]) -> None:
        waiting = {"migrate_automatically": False}
        state = on_kratos_tables(holds("ours", pending=1), relation=7008, config=waiting)
        out = context.run(context.on.update_status(), state)
        assert migrations(context) == []
        assert isinstance(out.unit_status, ops.BlockedStatus) and "back it up" in out.unit_status.message
        assert context.run(context.on.action("run-migration"), out).unit_status == ops.ActiveStatus()

    def test_our_tables_as_they_are_and_an_empty_one_need_no_question(self, context: testing.Context[Any]) -> None:
        waiting = {"migrate_automatically": False}
        for found in (holds("ours", set_aside="taken-over"), holds("none", pending=3)):
            out = context.run(context.on.update_status(), on_kratos_tables(found, relation=7008, config=waiting))
            assert out.unit_status == ops.ActiveStatus()
            assert app_bag(out)["tables_version_7008"] == f'"{VERSION}"'

    def test_a_take_over_that_was_never_ended_is_remembered_by_the_database(
        self, context: testing.Context[Any]
    ) -> None:
        state = on_kratos_tables(holds("ours", set_aside="waiting"), notes={}, relation=7008)
        out = context.run(context.on.update_status(), state)
        assert out.unit_status == ops.BlockedStatus(UNFINISHED)
        assert configuration(context, out), "the server runs meanwhile"
        assert context.run(context.on.action("run-migration"), out).unit_status == ops.ActiveStatus()
        assert steps(context) == TAKE_OVER[1:]

    @pytest.mark.parametrize(
        "found",
        [
            testing.Exec(contract.tables_command(), return_code=1, stderr="it does not answer"),
            testing.Exec(contract.tables_command(), stdout="no JSON"),
            testing.Exec(contract.tables_command(), stdout='{"tables": "none"}'),
            testing.Exec(contract.tables_command(), stdout="[]"),
        ],
    )
    def test_one_that_cannot_be_looked_into_is_left_alone(
        self, context: testing.Context[Any], found: testing.Exec
    ) -> None:
        out = context.run(context.on.update_status(), on_kratos_tables(found))
        assert isinstance(out.unit_status, ops.WaitingStatus)
        assert out.unit_status.message.startswith("The database cannot be looked into yet: ")
        said, _ = refused(context, out)
        assert said.startswith("The database cannot be migrated now: ")
        assert migrations(context) == []


class TestATakeOverThatFails:
    """The tables are moved by then; whatever fails afterwards, the same action goes on."""

    def ends_well(self, context: testing.Context[Any], left: testing.State) -> None:
        """Once what was wrong is mended."""
        assert left.unit_status == ops.BlockedStatus(UNFINISHED)
        context.exec_history.clear()
        out = context.run(context.on.action("run-migration"), with_image(left, holds("ours", set_aside="waiting")))
        assert steps(context) == TAKE_OVER[1:], "nothing is moved twice"
        assert out.unit_status == ops.ActiveStatus()

    def test_while_it_reads(self, context: testing.Context[Any]) -> None:
        said, left = refused(context, on_kratos_tables(exports="the disk is full"))
        assert "none was taken over: the disk is full" in said
        assert migration.OTHERS_FILE not in said, "there is no such file"
        self.ends_well(context, left)

    def test_while_it_stores(self, context: testing.Context[Any]) -> None:
        said, left = refused(context, on_kratos_tables(imports="2 rows\nrow 7: the e-mail address is taken"))
        assert "row 7: the e-mail address is taken" in said
        assert f"are in {migration.OTHERS_FILE} of the container" in said
        self.ends_well(context, left)

    def test_in_time(self, context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        run = ops.Container.exec

        def late(self: ops.Container, command: list[str], **more: Any) -> Any:
            if command == contract.import_command(migration.OTHERS_FILE):
                raise TimeoutError
            return run(self, command, **more)

        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, "exec", late)
            said, left = refused(context, on_kratos_tables(), timeout=7)
        assert "no end within 7 seconds" in said
        self.ends_well(context, left)

    def test_because_the_configuration_is_refused(self, context: testing.Context[Any]) -> None:
        said, left = refused(context, on_kratos_tables(checks="2 faults\nsession.lifespan: no"))
        assert "none was taken over: the server would not start with its configuration, session.lifespan: no" in said
        context.exec_history.clear()
        out = context.run(context.on.action("run-migration"), with_image(left, holds("ours", set_aside="waiting")))
        assert steps(context) == TAKE_OVER[1:]
        assert out.unit_status == ops.ActiveStatus()
