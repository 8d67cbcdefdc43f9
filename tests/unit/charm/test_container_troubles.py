"""A container that is late, full or gone in the middle of a question puts no unit into a hook error."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ops
import pytest
from ops import pebble, testing

from identity_server import contract
from unit.charm.states import (
    DATABASE_USER,
    VERSION,
    configuration,
    container,
    create_state,
    database,
    holds,
    keeping,
    logging,
    peers,
    smtp,
)

GONE = pebble.ConnectionError("could not connect to Pebble\nmore of it")
FULL = pebble.PathError("generic-file-error", "no space left on device")
LATE = pebble.TimeoutError("timed out waiting for change 7 (20s)")
BUSY = pebble.APIError({}, 500, "Internal Server Error", "cannot lock the state")


def failed_change() -> pebble.ChangeError:
    change = {
        "id": "7",
        "kind": "exec",
        "summary": "x",
        "status": "Error",
        "ready": True,
        "spawn-time": "2026-01-01T00:00:00Z",
    }
    return pebble.ChangeError("cannot perform the following tasks", pebble.Change.from_dict(change | {"tasks": []}))


def raising(monkeypatch: pytest.MonkeyPatch, method: str, trouble: Exception, wanted: Callable[..., bool]) -> None:
    """Have a method of the container fail for some of its arguments."""
    real = getattr(ops.Container, method)

    def instead(self: ops.Container, *words: Any, **more: Any) -> Any:
        if wanted(*words):
            raise trouble
        return real(self, *words, **more)

    monkeypatch.setattr(ops.Container, method, instead)


def asked_again(status: ops.StatusBase, said: str) -> bool:
    return (
        isinstance(status, ops.WaitingStatus)
        and said in status.message
        and "asked again at the next event" in status.message
        and "\n" not in status.message
    )


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (LATE, "no end within 20 seconds"),
        (failed_change(), "no end within 20 seconds"),
        (BUSY, "cannot lock the state"),
        (GONE, "could not connect to Pebble"),
    ],
    ids=["late", "change", "busy", "gone"],
)
def test_f31_a_slow_check_of_the_configuration_is_no_hook_error(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trouble: Exception, said: str
) -> None:
    good = context.run(context.on.config_changed(), create_state(containers=[keeping(tmp_path)]))
    before = configuration(context, good)
    changed = dataclasses.replace(good, config={"enable_registration": True})
    with monkeypatch.context() as patch:
        raising(patch, "exec", trouble, lambda words: words == contract.check_command(contract.CANDIDATE_FILE))
        out = context.run(context.on.config_changed(), changed)
    assert asked_again(out.unit_status, said)
    assert configuration(context, out) == before
    assert out.get_container("kratos").service_statuses["kratos"] is pebble.ServiceStatus.ACTIVE

    mended = context.run(context.on.update_status(), out)
    assert mended.unit_status == ops.ActiveStatus()
    assert configuration(context, mended)["selfservice"]["flows"]["registration"]["enabled"] is True


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("push", lambda path, _: path == contract.CONFIG_FILE),
        ("push", lambda path, _: path == contract.CANDIDATE_FILE),
        ("pull", lambda path: path == contract.CONFIG_FILE),
        ("add_layer", lambda label, _: label == "kratos"),
        ("add_layer", lambda label, _: label != "kratos"),
        ("replan", lambda: True),
        ("stop", lambda *_: True),
        ("get_plan", lambda: True),
        ("get_services", lambda *_: True),
    ],
    ids=["configuration", "candidate", "reading", "layer", "log targets", "replan", "stop", "plan", "services"],
)
@pytest.mark.parametrize("trouble", [FULL, GONE], ids=["full", "gone"])
def test_f31_a_container_in_trouble_at_any_moment(
    context: testing.Context[Any],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    wanted: Callable[..., bool],
    trouble: Exception,
) -> None:
    # A courier that must stop, logs that must go elsewhere, and a new configuration.
    before = context.run(context.on.config_changed(), create_state(relations=[smtp()]))
    state = create_state(relations=[logging()], containers=[before.get_container("kratos")])
    with monkeypatch.context() as patch:
        raising(patch, method, trouble, wanted)
        out = context.run(context.on.config_changed(), state)
    said = "no space left on device" if trouble is FULL else "could not connect to Pebble"
    assert asked_again(out.unit_status, said)
    assert context.run(context.on.update_status(), out).unit_status == ops.ActiveStatus()


def test_a_container_that_goes_before_the_status_is_told(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, "get_checks", GONE, lambda *_: True)
    assert asked_again(context.run(context.on.config_changed(), create_state()).unit_status, "could not connect")


def test_a_server_that_is_slow_to_say_its_version_is_not_taken_for_a_bad_image(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = container()
    state = create_state(containers=[fresh])
    with monkeypatch.context() as patch:
        raising(patch, "exec", LATE, lambda words: words == contract.version_command())
        out = context.run(context.on.pebble_ready(fresh), state)
    assert out.unit_status == ops.WaitingStatus("Waiting for the kratos container to start")
    assert context.run(context.on.update_status(), out).unit_status == ops.ActiveStatus()


def test_an_action_says_that_the_container_does_not_answer(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, "exec", LATE, lambda words: words == contract.check_command(contract.CANDIDATE_FILE))
    schemas = '{"own": {"properties": {"traits": {"type": "object", "properties": {"a": {"type": "string"}}}}}}'
    with pytest.raises(testing.ActionFailed, match="the server could not be asked: no end within 20 seconds"):
        context.run(context.on.action("validate-identity-schema", params={"identity-schemas": schemas}), create_state())


def test_an_action_that_needs_the_server_is_refused_while_pebble_is_gone(
    context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(monkeypatch, "get_services", GONE, lambda *_: True)
    with pytest.raises(testing.ActionFailed, match="The server is not ready"):
        context.run(context.on.action("get-identity", params={"email": "ann@shop.test"}), create_state())


class TestMigration:
    """Why the database was not migrated stands in the status, and who is to do something about it."""

    @pytest.mark.parametrize(
        ("stderr", "expected"),
        [
            (
                "The database postgres://ann@postgres/shop cannot be used: permission denied for schema public",
                ops.BlockedStatus("The database cannot be migrated: permission denied for schema public"),
            ),
            (
                "The database postgres://ann@postgres/shop cannot be used: must be owner of table identities",
                ops.BlockedStatus("The database cannot be migrated: must be owner of table identities"),
            ),
            (
                "The database postgres://ann@postgres/shop cannot be used: the database does not answer: refused",
                ops.WaitingStatus(
                    "The database migration is tried again at the next event: the database does not answer: refused"
                ),
            ),
        ],
    )
    def test_the_reason_is_told(self, context: testing.Context[Any], stderr: str, expected: ops.StatusBase) -> None:
        execs = {
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            holds(),
            testing.Exec(contract.migrate_command(), return_code=1, stderr=stderr),
        }
        state = create_state(
            containers=[container(execs=execs)], relations=[database(), peers()], secrets=[DATABASE_USER]
        )
        out = context.run(context.on.config_changed(), state)
        assert out.unit_status == expected
        assert configuration(context, out) == {}

    @pytest.mark.parametrize(
        ("stderr", "expected"),
        [
            (
                "The database postgres://ann@postgres/shop cannot be used: permission denied for schema public",
                ops.BlockedStatus("The database cannot be looked into: permission denied for schema public"),
            ),
            (
                "The database postgres://ann@postgres/shop cannot be used: the database does not answer: refused",
                ops.WaitingStatus("The database cannot be looked into yet: the database does not answer: refused"),
            ),
        ],
    )
    def test_so_is_why_nobody_knows_what_is_in_it(
        self, context: testing.Context[Any], stderr: str, expected: ops.StatusBase
    ) -> None:
        execs = {
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            testing.Exec(contract.tables_command(), return_code=1, stderr=stderr),
        }
        state = create_state(
            containers=[container(execs=execs)], relations=[database(), peers()], secrets=[DATABASE_USER]
        )
        assert context.run(context.on.config_changed(), state).unit_status == expected

    def test_it_is_tried_again_all_the_same(self, context: testing.Context[Any]) -> None:
        execs = {
            testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
            holds(),
            testing.Exec(contract.migrate_command(), return_code=1, stderr="permission denied for schema public"),
        }
        state = create_state(
            containers=[container(execs=execs)], relations=[database(), peers()], secrets=[DATABASE_USER]
        )
        out = context.run(context.on.config_changed(), state)
        assert isinstance(out.unit_status, ops.BlockedStatus)
        mended = dataclasses.replace(out, containers=[container()])
        assert context.run(context.on.update_status(), mended).unit_status == ops.ActiveStatus()
