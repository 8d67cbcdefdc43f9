"""The tools about the unit itself."""

import json

import pytest

from juju_sandbox import options
from juju_sandbox.failures import SandboxError, ToolError
from juju_sandbox.hook_tools import registry
from juju_sandbox.hook_tools.calls import Call
from juju_sandbox.tools import HOOK_TOOLS
from unit.sandbox.playground import Playground, Refused, Tools


@pytest.fixture(autouse=True)
def one(ground: Playground) -> None:
    ground.deploy()


def set_options(ground: Playground, **values: str) -> None:
    from juju_sandbox import applications

    options.change(ground.store, "one", applications.files_of(ground.store, "one").options, values, [])


def test_every_tool_that_is_linked_is_answered() -> None:
    assert set(HOOK_TOOLS) == set(registry.TOOLS)


def test_options_without_a_value_are_absent(ground: Playground) -> None:
    set_options(ground, loud="true")
    assert ground.in_hook("one/0", lambda tools: tools.json("config-get")) == {"colour": "red", "loud": True}


def test_options_have_their_type(ground: Playground) -> None:
    set_options(ground, count="3", key="secret:abc")
    values = ground.in_hook("one/0", lambda tools: tools.json("config-get"))
    assert (values["count"], values["key"]) == (3, "secret:abc")


@pytest.mark.parametrize(("key", "text"), [("count", "x"), ("loud", "yes"), ("key", "plain"), ("nothing", "1")])
def test_a_value_of_another_type_is_refused_whole(ground: Playground, key: str, text: str) -> None:
    with pytest.raises(SandboxError, match=key), ground.store.transaction():
        set_options(ground, colour="blue", **{key: text})
    assert options.given(ground.store, "one") == {}


@pytest.mark.parametrize(
    ("given", "kept"), [("80", "80/tcp"), ("53/UDP", "53/udp"), ("1-3", "1-3/tcp"), ("icmp", "icmp")]
)
def test_ports_are_written_as_juju_writes_them(ground: Playground, given: str, kept: str) -> None:
    def hook(tools: Tools) -> object:
        tools("open-port", given)
        return tools.json("opened-ports")

    assert ground.in_hook("one/0", hook) == [kept]
    assert ground.in_hook("one/0", lambda tools: (tools("close-port", given), tools.json("opened-ports"))[1]) == []


@pytest.mark.parametrize("given", ["0", "70000", "9-3", "x", "80/icmp"])
def test_other_ports_are_refused(ground: Playground, given: str) -> None:
    def hook(tools: Tools) -> None:
        with pytest.raises(Refused, match="invalid port"):
            tools("open-port", given)

    ground.in_hook("one/0", hook)


def test_a_status_that_is_set_is_read_back(ground: Playground) -> None:
    def hook(tools: Tools) -> object:
        tools("status-set", "--application=False", "blocked", "--", "no colour")
        return tools.json("status-get", "--include-data", "--application=false")

    assert ground.in_hook("one/0", hook) == {"status": "blocked", "message": "no colour", "status-data": {}}


def test_statuses_of_other_names_are_refused(ground: Playground) -> None:
    def hook(tools: Tools) -> None:
        with pytest.raises(Refused, match="invalid status"):
            tools("status-set", "error", "--", "x")

    ground.in_hook("one/0", hook)


def test_an_applications_status_is_the_leaders(ground: Playground) -> None:
    ground.deploy("two", units=2)
    ground.settle()

    def follower(tools: Tools) -> None:
        with pytest.raises(Refused, match="not the leader"):
            tools("status-set", "--application=True", "active", "--", "")
        with pytest.raises(Refused, match="not the leader"):
            tools("status-get", "--application=true", "--format=json")

    ground.in_hook("two/1", follower)
    ground.in_hook("two/0", lambda tools: tools("status-set", "--application=True", "active", "--", "fine"))
    whole = ground.in_hook("two/0", lambda tools: tools.json("status-get", "--application=true", "--include-data"))
    assert whole["application-status"]["message"] == "fine"
    assert set(whole["application-status"]["units"]) == {"two/0", "two/1"}


def test_the_network_is_the_units_address(ground: Playground) -> None:
    found = ground.in_hook("one/0", lambda tools: tools.json("network-get", "take"))
    assert found["bind-addresses"][0]["addresses"][0]["value"] == "127.0.0.1"
    assert found["ingress-addresses"] == ["127.0.0.1"]

    def unknown(tools: Tools) -> None:
        with pytest.raises(Refused, match="undefined endpoint"):
            tools("network-get", "nothing")

    ground.in_hook("one/0", unknown)


def test_storage_is_where_it_is_mounted(ground: Playground) -> None:
    assert ground.in_hook("one/0", lambda tools: tools.json("storage-list", "data")) == ["data/0"]
    found = ground.in_hook("one/0", lambda tools: tools.json("storage-get", "-s", "data/0"))
    assert found == {"kind": "filesystem", "location": "/st/data/0"}


def test_a_resource_that_was_not_given_is_refused(ground: Playground) -> None:
    def hook(tools: Tools) -> None:
        with pytest.raises(Refused, match="could not download resource"):
            tools("resource-get", "note")

    ground.in_hook("one/0", hook)
    from juju_sandbox import applications

    known = applications.files_of(ground.store, "one").resources
    applications.attach_resources(ground.store, "one", {"note": "/a/b"}, known)
    assert ground.in_hook("one/0", lambda tools: tools("resource-get", "note")) == "/a/b"
    with pytest.raises(SandboxError, match="this charm has: image, note"):
        applications.attach_resources(ground.store, "one", {"other": "/a/b"}, known)


def test_the_goal_counts_the_units_that_stay(ground: Playground) -> None:
    ground.deploy("two", units=3)
    ground.store.run("UPDATE unit SET life = 'dying' WHERE name = 'two/2'")
    goal = ground.in_hook("two/0", lambda tools: tools.json("goal-state"))
    assert set(goal["units"]) == {"two/0", "two/1"}


def test_the_controllers_store_keeps_a_charms_state(ground: Playground) -> None:
    ground.in_hook("one/0", lambda tools: tools("state-set", "--file", "-", stdin="a: '1'"))
    assert ground.in_hook("one/0", lambda tools: tools("state-get", "a")) == "1\n"
    ground.in_hook("one/0", lambda tools: tools("state-delete", "a"))
    assert ground.in_hook("one/0", lambda tools: tools.json("state-get")) == {}


def test_there_is_no_cloud_to_spend(ground: Playground) -> None:
    def hook(tools: Tools) -> None:
        with pytest.raises(Refused, match="permission denied"):
            tools("credential-get")

    ground.in_hook("one/0", hook)


def test_a_tool_that_does_not_exist_is_refused(ground: Playground) -> None:
    def hook(tools: Tools) -> None:
        with pytest.raises(Refused, match="is no hook tool"):
            tools("pod-spec-set")

    ground.in_hook("one/0", hook)


def test_options_stand_anywhere_before_two_dashes() -> None:
    call = Call.parse("relation-get", ["--format=json", "-r", "a:1", "--app", "-", "one", "--", "--x"])
    assert (call.words, call.flag("--app"), call.option("--relation")) == (["-", "one", "--x"], True, "a:1")


def test_options_that_no_tool_has_are_refused() -> None:
    with pytest.raises(ToolError, match="not defined: --colour"):
        Call.parse("config-get", ["--colour"])
    with pytest.raises(ToolError, match="needs an argument: --label"):
        Call.parse("secret-get", ["--label"])


def test_an_application_is_named_where_a_secret_is_revoked() -> None:
    call = Call.parse("secret-revoke", ["--app", "two", "abc"])
    assert (call.option("--app"), call.words) == ("two", ["abc"])


def test_an_answer_without_a_format_is_made_for_shells() -> None:
    call = Call.parse("config-get", [])
    assert call.answer(True) == "True\n"
    assert call.answer(["a", "b"]) == "a\nb\n"
    assert call.answer("a b") == "a b\n"
    assert json.loads(Call.parse("config-get", ["--format", "json"]).answer({"a": None})) == {"a": None}
