"""What the answers of web hooks mean; the other side may answer anything."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from httpx2 import Headers

from identity_server.hooks.web_hook import HookFailed
from identity_server.hooks.web_hook_answers import apply, expect_success, field_name, messages_of
from identity_server.identity.model import Address, Identity
from identity_server.outbound.answers import Answer

NOW = "2026-05-17T09:30:00.000000Z"
SCHEMAS: Any = SimpleNamespace(ids=lambda: ("person", "robot"))


def answer(status: int, body: Any = b"") -> Answer:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Answer(status, Headers(), content, "http://hook.test/")


def an_identity() -> Identity:
    identity = Identity("i", "person", {"email": "ida@mail.test"}, NOW, NOW, metadata_admin={"old": 1})
    identity.verifiable_addresses = [Address("a", "ida@mail.test", "email", NOW, NOW)]
    return identity


def changed(said: Any, mode: Any = "parse") -> Identity:
    identity = an_identity()
    apply(answer(200, said), mode, identity, SCHEMAS, NOW)
    return identity


@pytest.mark.parametrize("status", [400, 404, 500, 599])
def test_any_refusal_is_one_where_nobody_reads_it(status: int) -> None:
    with pytest.raises(HookFailed) as failure:
        expect_success(answer(status, {"messages": []}))
    assert failure.value.status == 502


@pytest.mark.parametrize("status", [200, 204, 304])
def test_anything_below_is_none(status: int) -> None:
    expect_success(answer(status, b"whatever"))
    assert messages_of(answer(status, b"whatever")) == []


def test_messages_go_to_the_fields_that_they_name() -> None:
    said = {
        "messages": [
            {"instance_ptr": "#/traits/name/first", "messages": [{"id": 1, "text": "one", "type": "error"}]},
            {"messages": [{"id": 2, "text": "two", "type": "success", "context": {"a": 1}}, {"text": "three"}]},
        ]
    }
    found = messages_of(answer(422, said))
    assert [name for name, _ in found] == ["traits.name.first", "", ""]
    assert [message.to_json() for _, message in found] == [
        {"id": 1, "text": "one", "type": "error"},
        {"id": 2, "text": "two", "type": "info", "context": {"a": 1}},
        {"id": 0, "text": "three", "type": "info"},
    ]


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("#/traits/email", "traits.email"),
        ("/traits/email", "traits.email"),
        ("#/traits/a~1b/c~0d", "traits.a/b.c~d"),
        ("#/", ""),
        ("", ""),
        (None, ""),
        (7, "7"),
    ],
)
def test_pointers_become_names_of_fields(pointer: Any, name: str) -> None:
    assert field_name(pointer) == name


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"fine",
        b"[]",
        b"null",
        {},
        {"messages": None},
        {"messages": []},
        {"messages": "no"},
        {"messages": ["no"]},
        {"messages": [{"messages": []}]},
        {"messages": [{"messages": "no"}]},
        {"messages": [{"messages": ["no"]}]},
        {"messages": [{"messages": [{"id": "1", "text": "x"}]}]},
        {"messages": [{"messages": [{"id": True, "text": "x"}]}]},
        {"messages": [{"messages": [{"id": 1, "text": {}}]}]},
    ],
)
def test_a_refusal_that_says_nothing_readable_fails_the_flow(said: Any) -> None:
    with pytest.raises(HookFailed) as failure:
        messages_of(answer(400, said))
    assert failure.value.status == 500


def test_a_flood_of_messages_is_cut() -> None:
    said = {"messages": [{"messages": [{"id": number, "text": "x"} for number in range(10_000)]}]}
    assert len(messages_of(answer(400, said))) == 100


def test_what_is_named_replaces_and_the_rest_stays() -> None:
    identity = changed({"identity": {"metadata_public": {"plan": "gold"}, "traits": {"email": "new@mail.test"}}})
    assert identity.traits == {"email": "new@mail.test"}
    assert (identity.metadata_public, identity.metadata_admin) == ({"plan": "gold"}, {"old": 1})
    assert (identity.state, identity.schema_id, identity.external_id) == ("active", "person", None)


def test_metadata_can_be_taken_away_and_traits_cannot() -> None:
    identity = changed({"identity": {"metadata_admin": None, "traits": {}}})
    assert identity.metadata_admin is None
    assert identity.traits == {"email": "ida@mail.test"}


def test_state_schema_and_external_id() -> None:
    identity = changed({"identity": {"state": "inactive", "schema_id": "robot", "external_id": "x-1"}})
    assert (identity.state, identity.state_changed_at) == ("inactive", NOW)
    assert (identity.schema_id, identity.external_id) == ("robot", "x-1")


def test_addresses_are_found_by_their_canonical_form() -> None:
    said = {"identity": {"verifiable_addresses": [{"value": " Ida@Mail.TEST", "via": "email", "verified": True}]}}
    (address,) = changed(said).verifiable_addresses
    assert (address.id, address.value, address.verified) == ("a", "ida@mail.test", True)
    assert (address.status, address.verified_at) == ("completed", NOW)


def test_an_address_may_be_unverified() -> None:
    said = {"identity": {"verifiable_addresses": [{"value": "ida@mail.test", "verified": False}]}}
    (address,) = changed(said).verifiable_addresses
    assert (address.verified, address.status, address.verified_at) == (False, "pending", None)


def test_an_empty_list_changes_no_addresses() -> None:
    assert len(changed({"identity": {"verifiable_addresses": []}}).verifiable_addresses) == 1


@pytest.mark.parametrize("said", [{}, {"identity": None}, {"identity": {}}, {"other": 1}])
def test_nothing_said_is_nothing_changed(said: Any) -> None:
    assert changed(said) == an_identity()


def test_only_a_hook_that_parses_changes_anything() -> None:
    assert changed({"identity": {"state": "inactive"}}, mode="interrupt") == an_identity()
    identity = an_identity()
    apply(answer(204), "parse", identity, SCHEMAS, NOW)
    apply(answer(201, {"identity": {"state": "inactive"}}), "parse", identity, SCHEMAS, NOW)
    assert identity == an_identity()


@pytest.mark.parametrize(
    "identity",
    [
        "x",
        [],
        {"traits": "x"},
        {"traits": []},
        {"state": "asleep"},
        {"state": 1},
        {"schema_id": "unknown"},
        {"external_id": 1},
        {"external_id": "x\0"},
        {"external_id": "x" * 10_000},
        {"verifiable_addresses": {}},
        {"verifiable_addresses": [1]},
        {"verifiable_addresses": [{"value": "a\0@mail.test"}]},
        {"recovery_addresses": [{"value": "x" * 100_000}]},
    ],
)
def test_what_no_identity_can_be_fails_the_flow(identity: Any) -> None:
    with pytest.raises(HookFailed) as failure:
        changed({"identity": identity})
    assert failure.value.status == 500


@pytest.mark.parametrize("body", [b"", b"fine", b"[1]", b'"x"', b"\xff\xfe"])
def test_an_answer_that_is_no_object_fails_the_flow(body: bytes) -> None:
    with pytest.raises(HookFailed):
        changed(body)


def test_the_credentials_are_out_of_reach() -> None:
    identity = changed({"identity": {"credentials": {"password": {}}, "id": "other", "created_at": "x"}})
    assert identity == an_identity()
