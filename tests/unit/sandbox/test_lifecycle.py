"""The order of a unit's hooks, and what becomes of one that fails."""

from juju_sandbox import applications
from unit.sandbox.playground import Playground, Tools


def names(ran: list[str]) -> list[str]:
    return [entry.partition(" ")[2] for entry in ran]


def test_a_unit_begins_as_juju_has_it_begin(ground: Playground) -> None:
    ground.deploy()
    ground.watch("one/0").boots["work"] = "a"
    assert names(ground.settle()) == [
        "data-storage-attached",
        "install",
        "group-relation-created",
        "leader-elected",
        "config-changed",
        "start",
        "work-pebble-ready",
    ]


def test_only_the_leader_is_told_of_its_election(ground: Playground) -> None:
    ground.deploy(units=2)
    assert [entry for entry in ground.settle() if "leader-elected" in entry] == ["one/0 leader-elected"]


def test_a_changed_option_is_told_once_and_an_unchanged_one_never(ground: Playground) -> None:
    ground.deploy()
    ground.settle()
    options = applications.files_of(ground.store, "one").options
    from juju_sandbox.options import change

    change(ground.store, "one", options, {"colour": "blue", "count": "3"}, [])
    change(ground.store, "one", options, {"colour": "green"}, [])
    assert names(ground.settle()) == ["config-changed"]
    change(ground.store, "one", options, {"colour": "green"}, [])
    assert ground.settle() == []


def test_a_container_that_comes_back_is_announced_again(ground: Playground) -> None:
    ground.deploy()
    ground.watch("one/0").boots["work"] = "a"
    ground.settle()
    ground.watch("one/0").boots["work"] = "b"
    assert names(ground.settle()) == ["work-pebble-ready"]


def test_a_check_is_told_when_it_fails_and_when_it_recovers(ground: Playground) -> None:
    ground.deploy()
    observed = ground.watch("one/0")
    observed.boots["work"], observed.checks["work", "alive"] = "a", True
    ground.settle()
    observed.checks["work", "alive"] = False
    assert names(ground.settle()) == ["work-pebble-check-failed"]
    assert ground.environment["JUJU_PEBBLE_CHECK_NAME"] == "alive"
    observed.checks["work", "alive"] = True
    assert names(ground.settle()) == ["work-pebble-check-recovered"]


def test_a_custom_notice_is_told_once(ground: Playground) -> None:
    ground.deploy()
    ground.settle()
    ground.watch("one/0").notices.append(("work", "7", "custom", "example.com/tick"))
    assert names(ground.settle()) == ["work-pebble-custom-notice"]
    assert ground.environment["JUJU_NOTICE_KEY"] == "example.com/tick"


def test_a_failing_hook_is_dropped_whole_and_run_again(ground: Playground) -> None:
    ground.deploy()
    ground.reach("one/0", "start")

    def stumble(tools: Tools) -> None:
        tools("open-port", "80/tcp")
        tools("relation-set", "-r", "group:1", "key=value")
        tools("secret-add", "--owner", "unit", "word=abc")
        raise ZeroDivisionError

    ground.step("one/0", stumble)
    assert not ground.last_good
    for table in ("port", "secret"):
        assert ground.store.value(f"SELECT count(*) FROM {table}") == 0
    assert ground.store.value("SELECT count(*) FROM datum WHERE key = 'key'") == 0
    again = ground.step("one/0", lambda tools: tools("open-port", "80/tcp"))
    assert (again.name, ground.last_good) == ("start", True)
    assert ground.store.column("SELECT port FROM port") == ["80/tcp"]


def test_statuses_versions_and_logs_outlive_a_failing_hook(ground: Playground) -> None:
    ground.deploy()

    def stumble(tools: Tools) -> None:
        tools("status-set", "maintenance", "--", "trying hard")
        tools("application-version-set", "--", "v7")
        tools("juju-log", "--log-level", "WARNING", "--", "it goes wrong")
        raise ZeroDivisionError

    ground.step("one/0", stumble)
    assert ground.store.value("SELECT message FROM status WHERE entity = 'one/0'") == "trying hard"
    assert ground.store.value("SELECT version FROM application") == "v7"
    assert ground.store.value("SELECT message FROM log WHERE level = 'WARNING'") == "it goes wrong"


def test_retries_come_slower_each_time(ground: Playground) -> None:
    import json
    import time

    ground.deploy()
    pauses: list[float] = []
    for _ in range(3):
        ground.step("one/0", lambda tools: tools("no-such-tool"))
        pauses.append(json.loads(ground.store.value("SELECT failure FROM unit"))["next"] - time.time())
    assert pauses == sorted(pauses)
    assert pauses[0] < 6 < pauses[1] < 11 < pauses[2]


def test_a_refresh_is_an_upgrade_and_a_config_change(ground: Playground) -> None:
    ground.deploy()
    ground.settle()
    applications.refresh(ground.store, ground.places, "one", ground.source)
    assert names(ground.settle()) == ["upgrade-charm", "config-changed"]


def test_a_new_leader_is_told_and_the_old_one_may_be_elected_again(ground: Playground) -> None:
    ground.deploy(units=2)
    ground.settle()
    applications.elect(ground.store, "one", "one/1")
    assert ground.settle() == ["one/1 leader-elected"]
    assert ground.in_hook("one/0", lambda tools: tools.json("is-leader")) is False
    applications.elect(ground.store, "one", "one/0")
    assert ground.settle() == ["one/0 leader-elected"]


def test_a_leaving_unit_says_goodbye_and_the_others_hear_who_left(ground: Playground) -> None:
    ground.deploy(units=2)
    ground.settle()
    ground.store.run("UPDATE unit SET life = 'dying' WHERE name = 'one/1'")
    assert names(ground.settle("one/1")) == [
        "group-relation-departed",
        "group-relation-broken",
        "data-storage-detaching",
        "stop",
        "remove",
    ]
    assert ground.store.value("SELECT count(*) FROM unit") == 1
    assert names(ground.settle("one/0")) == ["group-relation-departed"]
    assert ground.environment["JUJU_DEPARTING_UNIT"] == "one/1"


def test_a_unit_that_was_never_installed_leaves_without_a_word(ground: Playground) -> None:
    ground.deploy(units=2)
    ground.store.run("UPDATE unit SET life = 'dying' WHERE name = 'one/1'")
    assert "install" not in " ".join(ground.settle("one/1"))
    assert applications.units_of(ground.store, "one")[-1]["name"] == "one/0"


def test_a_unit_that_comes_back_finds_its_storage(ground: Playground) -> None:
    ground.deploy(units=2)
    ground.settle()
    kept = ground.store.value("SELECT id FROM storage WHERE unit = 'one/1'")
    ground.store.run("UPDATE unit SET life = 'dying' WHERE name = 'one/1'")
    ground.settle()
    assert applications.add_unit(ground.store, "one", ["data"]) == "one/1"
    assert ground.next("one/1") is not None
    ground.step("one/1")
    assert ground.environment["JUJU_STORAGE_ID"] == kept
