"""Secrets: revisions, tracking, labels, grants."""

import time

import pytest

from juju_sandbox import applications, relations, vault
from juju_sandbox.secret_content import decode
from unit.sandbox.playground import Playground, Refused, Tools


@pytest.fixture
def pair(ground: Playground) -> int:
    ground.deploy("one", units=2)
    ground.deploy("two")
    ends = {name: applications.files_of(ground.store, name).endpoints for name in ("one", "two")}
    number = relations.add(ground.store, ("one", ends["one"]["take"]), ("two", ends["two"]["give"]))
    ground.settle()
    return number


def made(ground: Playground, *argv: str) -> str:
    """A secret of one/0's; its identifier."""
    uri: str = ground.in_hook("one/0", lambda tools: tools("secret-add", *argv, "word=first"))
    return uri.strip().removeprefix("secret:")


def test_an_identifier_is_twenty_characters_of_the_known_alphabet(ground: Playground, pair: int) -> None:
    uri: str = ground.in_hook("one/0", lambda tools: tools("secret-add", "word=abc"))
    assert uri.startswith("secret:")
    assert len(uri.strip()) == 27
    assert set(uri.strip()[7:]) <= set("0123456789abcdefghijklmnopqrstuv")


def test_a_consumer_keeps_its_revision_until_it_refreshes(ground: Playground, pair: int) -> None:
    number = made(ground, "--label", "l")
    ground.in_hook("one/0", lambda tools: tools("secret-grant", "--relation", str(pair), number))
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", number)) == {"word": "first"}
    ground.in_hook("one/0", lambda tools: tools("secret-set", number, "word=second"))
    assert [entry for entry in ground.settle() if "two/0" in entry] == ["two/0 secret-changed"]
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", number)) == {"word": "first"}
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", number, "--peek")) == {"word": "second"}
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", number)) == {"word": "first"}
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", number, "--refresh")) == {"word": "second"}
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", number)) == {"word": "second"}


def test_the_owner_tracks_too(ground: Playground, pair: int) -> None:
    number = made(ground)
    assert ground.in_hook("one/0", lambda tools: tools.json("secret-get", number)) == {"word": "first"}
    ground.in_hook("one/0", lambda tools: tools("secret-set", number, "word=second"))
    assert ground.in_hook("one/0", lambda tools: tools.json("secret-get", number)) == {"word": "first"}
    assert ground.in_hook("one/0", lambda tools: tools.json("secret-get", number, "--peek")) == {"word": "second"}


def test_the_same_content_is_no_new_revision(ground: Playground, pair: int) -> None:
    number = made(ground)
    ground.in_hook("one/0", lambda tools: tools("secret-set", number, "word=first"))
    assert vault.latest_revision(ground.store, number) == 1


def test_without_a_grant_there_is_nothing_to_read(ground: Playground, pair: int) -> None:
    number = made(ground)

    def spy(tools: Tools) -> None:
        with pytest.raises(Refused, match="permission denied"):
            tools("secret-get", number)
        with pytest.raises(Refused, match="not found"):
            tools("secret-get", "secret:0000000000000000000a")

    ground.in_hook("two/0", spy)
    ground.in_hook("one/0", lambda tools: tools("secret-grant", "--relation", str(pair), number))
    assert ground.in_hook("two/0", lambda tools: tools("secret-get", number, "word")) == "first\n"
    ground.in_hook("one/0", lambda tools: tools("secret-revoke", "--relation", str(pair), number))
    ground.in_hook("two/0", spy)


def test_a_grant_ends_with_its_relation(ground: Playground, pair: int) -> None:
    number = made(ground)
    ground.in_hook("one/0", lambda tools: tools("secret-grant", "--relation", str(pair), number))
    ground.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", pair)
    ground.settle()
    assert ground.store.value("SELECT count(*) FROM secret_grant WHERE secret = ?", number) == 0


def test_an_applications_secret_is_the_leaders_to_change_and_every_units_to_read(ground: Playground, pair: int) -> None:
    number = made(ground, "--owner", "application", "--label", "l")
    assert ground.in_hook("one/1", lambda tools: tools.json("secret-get", "--label", "l")) == {"word": "first"}

    def follower(tools: Tools) -> None:
        with pytest.raises(Refused, match="not found"):
            tools("secret-set", number, "word=second")
        with pytest.raises(Refused, match="not found"):
            tools("secret-info-get", number)
        with pytest.raises(Refused, match="not the leader"):
            tools("secret-add", "--owner", "application", "word=abc")

    ground.in_hook("one/1", follower)
    ground.in_hook("one/0", lambda tools: tools("secret-set", number, "word=second"))
    assert ground.settle() == ["one/1 secret-changed"], "the leader changed it; the other unit is told"


def test_a_units_secret_is_its_own(ground: Playground, pair: int) -> None:
    number = made(ground, "--owner", "unit")

    def sibling(tools: Tools) -> None:
        with pytest.raises(Refused, match="permission denied"):
            tools("secret-get", number)

    ground.in_hook("one/1", sibling)


def test_a_label_names_a_secret_for_its_owner_and_for_each_consumer(ground: Playground, pair: int) -> None:
    number = made(ground, "--label", "mine")
    ground.in_hook("one/0", lambda tools: tools("secret-grant", "--relation", str(pair), number))
    ground.in_hook("two/0", lambda tools: tools("secret-get", number, "--label", "theirs"))
    assert ground.in_hook("two/0", lambda tools: tools.json("secret-get", "--label", "theirs")) == {"word": "first"}

    def stranger(tools: Tools) -> None:
        with pytest.raises(Refused, match='"mine" not found'):
            tools("secret-get", "--label", "mine")

    ground.in_hook("two/0", stranger)


def test_a_label_is_used_once_by_an_owner(ground: Playground, pair: int) -> None:
    made(ground, "--label", "mine")

    def again(tools: Tools) -> None:
        with pytest.raises(Refused, match="already exists"):
            tools("secret-add", "--label", "mine", "word=abc")

    ground.in_hook("one/0", again)


def test_the_owner_is_told_of_revisions_that_nobody_tracks(ground: Playground, pair: int) -> None:
    number = made(ground)
    ground.in_hook("one/0", lambda tools: tools("secret-grant", "--relation", str(pair), number))
    ground.in_hook("two/0", lambda tools: tools("secret-get", number))
    ground.in_hook("one/0", lambda tools: tools("secret-set", number, "word=second"))
    assert "one/0 secret-remove" not in ground.settle()
    ground.in_hook("two/0", lambda tools: tools("secret-get", number, "--refresh"))
    assert ground.settle() == ["one/0 secret-remove"]
    assert ground.environment["JUJU_SECRET_REVISION"] == "1"
    ground.in_hook("one/0", lambda tools: tools("secret-remove", number, "--revision", "1"))
    assert vault.read(ground.store, number, 1) is None
    assert vault.read(ground.store, number, 2) == {"word": "second"}


def test_the_owner_is_asked_to_rotate_when_it_is_due(ground: Playground, pair: int) -> None:
    number = made(ground, "--rotate", "daily", "--label", "l")
    assert ground.settle() == []
    ground.store.run("UPDATE secret SET rotates = ? WHERE id = ?", time.time() - 1, number)
    assert ground.settle() == ["one/0 secret-rotate"]
    assert ground.environment["JUJU_SECRET_LABEL"] == "l"
    assert ground.settle() == []


def test_an_expired_revision_is_told_once(ground: Playground, pair: int) -> None:
    number = made(ground, "--expire", "1h")
    assert ground.settle() == []
    ground.store.run("UPDATE secret_revision SET expires = 1 WHERE secret = ?", number)
    assert ground.settle() == ["one/0 secret-expired"]
    assert ground.settle() == []


def test_an_operators_secret_is_read_by_the_applications_it_was_granted_to(ground: Playground, pair: int) -> None:
    number = vault.create(ground.store, "model", {"password": "hunter22"}, label="pw")
    vault.grant(ground.store, number, "one")
    assert ground.in_hook("one/1", lambda tools: tools.json("secret-get", f"secret:{number}")) == {
        "password": "hunter22"
    }
    vault.update(ground.store, number, {"password": "other"})
    assert "one/1 secret-changed" in ground.settle()


def test_what_a_hook_adds_it_can_read_at_once(ground: Playground, pair: int) -> None:
    def hook(tools: Tools) -> None:
        number = tools("secret-add", "--label", "l", "word=first").strip()
        assert tools.json("secret-get", number) == {"word": "first"}
        assert tools.json("secret-info-get", "--label", "l")[number.removeprefix("secret:")]["revision"] == 1

    ground.in_hook("one/0", hook)


@pytest.mark.parametrize("key", ["ab", "Abc", "a_b", "a--b", "1ab", "ab-"])
def test_a_key_is_at_least_three_small_letters_and_digits(key: str) -> None:
    from juju_sandbox.failures import ToolError

    with pytest.raises(ToolError, match="at least three"):
        decode({key: "x"})


def test_base64_values_are_taken_apart() -> None:
    assert decode({"word#base64": "aGk="}) == {"word": "hi"}
