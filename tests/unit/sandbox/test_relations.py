"""Relations, their databags and who may touch them."""

import pytest

from juju_sandbox import applications, relation_events, relations
from juju_sandbox.failures import SandboxError
from unit.sandbox.playground import Playground, Refused, Tools


def relate(ground: Playground, left: str = "one:take", right: str = "two:give") -> int:
    ends = [relations.split(side) for side in (left, right)]
    chosen = relations.match(
        *((name, applications.files_of(ground.store, name).endpoints) for name, _ in ends), (ends[0][1], ends[1][1])
    )
    return relations.add(ground.store, *((ends[index][0], chosen[index]) for index in (0, 1)))


@pytest.fixture
def pair(ground: Playground) -> int:
    ground.deploy("one")
    ground.deploy("two")
    ground.settle()
    return relate(ground)


def test_two_applications_find_the_endpoints_that_fit(ground: Playground) -> None:
    ground.deploy("one")
    ground.deploy("two")
    with pytest.raises(SandboxError, match="ambiguous"):
        relate(ground, "one", "two")
    number = relate(ground, "one:take", "two")
    assert relations.other_end(ground.store, number, "one")["name"] == "give"


def test_endpoints_that_do_not_fit_are_refused(ground: Playground) -> None:
    ground.deploy("one")
    ground.deploy("two")
    with pytest.raises(SandboxError, match="no relations found"):
        relate(ground, "one:more", "two")
    with pytest.raises(SandboxError, match="no relations found"):
        relate(ground, "one:take", "two:take")


def test_a_limit_holds_and_a_relation_is_made_once(ground: Playground, pair: int) -> None:
    ground.deploy("three")
    with pytest.raises(SandboxError, match="limit of 1"):
        relate(ground, "one:take", "three:give")
    ground.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", pair)
    assert relate(ground, "one:take", "three:give")


def test_both_sides_are_told_created_joined_changed(ground: Playground, pair: int) -> None:
    assert ground.settle("one/0") == ["one/0 take-relation-created"]
    assert ground.settle("two/0") == [
        "two/0 give-relation-created",
        "two/0 give-relation-joined",
        "two/0 give-relation-changed",
    ]
    assert ground.environment["JUJU_REMOTE_UNIT"] == "one/0"
    assert ground.settle("one/0") == ["one/0 take-relation-joined", "one/0 take-relation-changed"]


def test_a_unit_bag_carries_the_units_addresses(ground: Playground, pair: int) -> None:
    ground.settle()
    bag = ground.in_hook("two/0", lambda tools: tools.json("relation-get", "-r", f"give:{pair}", "-", "one/0"))
    assert bag == {
        "egress-subnets": "127.0.0.1/32",
        "ingress-address": "127.0.0.1",
        "private-address": "127.0.0.1",
    }


def test_what_is_written_is_told_to_the_other_side_once(ground: Playground, pair: int) -> None:
    ground.settle()
    ground.in_hook("one/0", lambda tools: tools("relation-set", "-r", f"take:{pair}", "a=1", "b=2"))
    assert ground.settle() == ["two/0 give-relation-changed"]
    ground.in_hook("one/0", lambda tools: tools("relation-set", "-r", f"take:{pair}", "a=1"))
    assert ground.settle() == []


def test_an_application_bag_names_no_unit(ground: Playground, pair: int) -> None:
    ground.settle()
    ground.in_hook("one/0", lambda tools: tools("relation-set", "-r", str(pair), "--app", "a=1"))
    assert ground.settle() == ["two/0 give-relation-changed"]
    assert "JUJU_REMOTE_UNIT" not in ground.environment
    assert ground.environment["JUJU_REMOTE_APP"] == "one"


def test_an_empty_value_deletes_its_key(ground: Playground, pair: int) -> None:
    ground.settle()

    def write(tools: Tools) -> object:
        tools("relation-set", "-r", str(pair), "--file", "-", stdin='{"a": "1", "b": "2"}')
        tools("relation-set", "-r", str(pair), "--file", "-", stdin='{"a": ""}')
        return tools.json("relation-get", "-r", str(pair), "-", "one/0")

    bag = ground.in_hook("one/0", write)
    assert "a" not in bag
    assert bag["b"] == "2"


def test_values_are_strings(ground: Playground, pair: int) -> None:
    ground.settle()

    def write(tools: Tools) -> None:
        with pytest.raises(Refused, match="'a' is not a string"):
            tools("relation-set", "-r", str(pair), "--file", "-", stdin='{"a": 1}')

    ground.in_hook("one/0", write)


def test_only_the_leader_touches_its_application_bag(ground: Playground) -> None:
    ground.deploy("one", units=2)
    ground.deploy("two")
    number = relate(ground)
    ground.settle()

    def follower(tools: Tools) -> None:
        with pytest.raises(Refused, match="cannot write relation settings"):
            tools("relation-set", "-r", str(number), "--app", "a=1")
        with pytest.raises(Refused, match="permission denied"):
            tools("relation-get", "-r", str(number), "--app", "-", "one")
        assert tools.json("relation-get", "-r", str(number), "--app", "-", "two") == {}

    ground.in_hook("one/1", follower)
    ground.in_hook("one/0", lambda tools: tools("relation-set", "-r", str(number), "--app", "a=1"))
    assert ground.in_hook("one/0", lambda tools: tools("relation-get", "-r", str(number), "--app", "a", "one")) == "1\n"


def test_a_unit_does_not_read_its_siblings_bag_outside_the_peer_relation(ground: Playground) -> None:
    ground.deploy("one", units=2)
    ground.deploy("two")
    number = relate(ground)
    ground.settle()

    def spy(tools: Tools) -> None:
        with pytest.raises(Refused, match="permission denied"):
            tools("relation-get", "-r", str(number), "-", "one/1")
        assert "private-address" in tools("relation-get", "-r", "group:1", "-", "one/1")

    ground.in_hook("one/0", spy)


def test_peers_exclude_oneself_and_share_the_application_bag(ground: Playground) -> None:
    ground.deploy(units=2)
    ground.settle()
    assert ground.in_hook("one/0", lambda tools: tools.json("relation-list", "-r", "group:1")) == ["one/1"]
    assert ground.in_hook("one/0", lambda tools: tools.json("relation-list", "-r", "group:1", "--app")) == "one"
    ground.in_hook("one/0", lambda tools: tools("relation-set", "-r", "group:1", "--app", "a=1"))
    assert ground.settle() == ["one/1 group-relation-changed"], "the writer is not told of its own words"
    read = ground.in_hook("one/1", lambda tools: tools.json("relation-get", "-r", "group:1", "--app", "-", "one"))
    assert read == {"a": "1"}


def test_a_relation_that_ends_is_departed_then_broken_then_gone(ground: Playground, pair: int) -> None:
    ground.settle()
    ground.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", pair)
    ground.step("one/0")
    assert ground.environment["JUJU_DEPARTING_UNIT"] == "two/0"

    def broken(tools: Tools) -> None:
        assert tools.json("relation-list", "-r", f"take:{pair}") == []
        assert tools.json("relation-list", "-r", f"take:{pair}", "--app") == "two"
        assert tools.json("relation-ids", "take") == [f"take:{pair}"]

    assert ground.step("one/0", broken).name == "take-relation-broken"
    assert ground.last_good
    assert ground.environment["JUJU_REMOTE_APP"] == "two"
    assert "JUJU_REMOTE_UNIT" not in ground.environment
    assert ground.in_hook("one/0", lambda tools: tools.json("relation-ids", "take")) == []
    ground.settle()
    for table in ("relation", "endpoint", "datum", "bag", "seen", "scope"):
        key = "id" if table == "relation" else "relation"
        assert ground.store.value(f"SELECT count(*) FROM {table} WHERE {key} = ?", pair) == 0


def test_a_departing_unit_is_no_member_but_its_bag_can_still_be_read(ground: Playground, pair: int) -> None:
    ground.settle()
    ground.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", pair)

    def departed(tools: Tools) -> None:
        assert tools.json("relation-list", "-r", f"take:{pair}") == []
        assert tools.json("relation-get", "-r", f"take:{pair}", "-", "two/0")

    assert ground.step("one/0", departed).name == "take-relation-departed"
    assert ground.last_good


def test_who_has_gone_is_read_until_its_departure_is_told(ground: Playground, pair: int) -> None:
    ground.settle()
    ground.in_hook("two/0", lambda tools: tools("relation-set", "-r", str(pair), "key=value"))
    ground.settle()
    relations.leave(ground.store, pair, "two/0")
    ground.store.run("UPDATE unit SET update_due = 1 WHERE name = 'one/0'")
    ground.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", pair)

    def hook(tools: Tools) -> None:
        assert tools.json("relation-get", "-r", str(pair), "-", "two/0")["key"] == "value"

    ground.step("one/0", hook)
    assert ground.last_good
    ground.step("one/0")

    def afterwards(tools: Tools) -> None:
        with pytest.raises(Refused, match="not found"):
            tools("relation-get", "-r", str(pair), "-", "two/0")

    ground.in_hook("one/0", afterwards)


def test_a_unit_that_comes_back_begins_with_an_empty_bag(ground: Playground) -> None:
    ground.deploy(units=2)
    ground.settle()
    ground.in_hook("one/1", lambda tools: tools("relation-set", "-r", "group:1", "key=value"))
    ground.settle()
    ground.store.run("UPDATE unit SET life = 'dying' WHERE name = 'one/1'")
    ground.settle()
    applications.add_unit(ground.store, "one", ["data"])
    ground.settle()
    bag = ground.in_hook("one/0", lambda tools: tools.json("relation-get", "-r", "group:1", "-", "one/1"))
    assert "key" not in bag
    assert "private-address" in bag


def test_a_relation_that_was_never_seen_ends_without_a_word(ground: Playground, pair: int) -> None:
    ground.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", pair)
    relations.bury_if_empty(ground.store, pair)
    assert ground.settle() == []
    assert ground.store.value("SELECT 1 FROM relation WHERE id = ?", pair) is None


def test_a_relation_of_another_application_is_not_found(ground: Playground, pair: int) -> None:
    ground.deploy("three")
    ground.settle()

    def stranger(tools: Tools) -> None:
        with pytest.raises(Refused, match="relation not found"):
            tools("relation-get", "-r", str(pair), "-", "one/0")

    ground.in_hook("three/0", stranger)


def test_members_are_those_that_have_joined(ground: Playground, pair: int) -> None:
    ground.step("one/0")
    assert relation_events.members(ground.store, pair, "one/0") == []
    ground.settle()
    assert relation_events.members(ground.store, pair, "one/0") == ["two/0"]


def test_a_new_unit_joins_everyone(ground: Playground, pair: int) -> None:
    ground.settle()
    applications.add_unit(ground.store, "two", ["data"])
    ran = ground.settle()
    assert "one/0 take-relation-joined" in ran
    assert "two/0 group-relation-joined" in ran
    assert "two/1 give-relation-joined" in ran
