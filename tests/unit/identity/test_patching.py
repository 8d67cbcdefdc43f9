"""JSON patches on identities."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.errors import ApiError
from identity_server.identity import patching


def patched(document: Any, *operations: Any) -> Any:
    patching.apply(document, patching.read(list(operations)))
    return document


def put(path: str, value: Any = 1, op: str = "add") -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}


def refusal(document: Any, *operations: Any) -> str:
    with pytest.raises(ApiError) as caught:
        patched(document, *operations)
    assert caught.value.status == 400
    return caught.value.reason


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ({"a": 1}, put("/traits/b", 2), {"a": 1, "b": 2}),
        ({"a": 1}, put("/traits/a", 2, "replace"), {"a": 2}),
        ({"a": 1}, put("/traits/b", 2, "replace"), {"a": 1, "b": 2}),
        ({"a": 1}, {"op": "remove", "path": "/traits/a"}, {}),
        ({"a": [1, 2]}, put("/traits/a/-", 3), {"a": [1, 2, 3]}),
        ({"a": [1, 2]}, put("/traits/a/0", 0), {"a": [0, 1, 2]}),
        ({"a": [1, 2]}, put("/traits/a/2", 3), {"a": [1, 2, 3]}),
        ({"a": [1, 2]}, put("/traits/a/1", 9, "replace"), {"a": [1, 9]}),
        ({"a": [1, 2]}, {"op": "remove", "path": "/traits/a/0"}, {"a": [2]}),
        ({}, put("/traits/b/c/d", 1), {"b": {"c": {"d": 1}}}),
        ({}, put("/traits/b/-", 1), {"b": [1]}),
        ({"b": None}, put("/traits/b/c", 1), {"b": {"c": 1}}),
        ({}, put("/traits/a~1b~0c", 1), {"a/b~c": 1}),
        ({}, put("/traits/", 1), {"": 1}),
    ],
)
def test_traits_change(before: Any, operation: Any, after: Any) -> None:
    assert patched({"traits": before}, operation) == {"traits": after}


@pytest.mark.parametrize(
    "path", ["/verifiable_addresses/3/verified", "/recovery_addresses/7", "/verifiable_addresses/2"]
)
def test_an_address_that_no_trait_can_stand_behind_changes_nothing(path: str) -> None:
    before = {"verifiable_addresses": [{"value": "ann@mail.test"}], "recovery_addresses": []}
    assert patched({**before}, put(path, True, "replace")) == before


@pytest.mark.parametrize("path", ["/verifiable_addresses/-1/verified", "/verifiable_addresses/00/verified"])
def test_an_address_is_named_by_its_number(path: str) -> None:
    assert "there is nothing at" in refusal({"verifiable_addresses": [{}]}, put(path, True, "replace"))


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/traits/nothing"},
        {"op": "remove", "path": "/traits/list/9"},
        put("/traits/list/9", 1, "replace"),
        put("/traits/list/5"),
        put("/traits/list/-1"),
        put("/traits/list/00"),
        put("/traits/list/01", 1, "replace"),
        put("/traits/list/1e3"),
        put("/traits/list/٣"),
        put("/traits/list/-", 1, "replace"),
        put("/traits/list/nothing/x"),
        put("/traits/text/x"),
        put("/traits/text/x/y"),
    ],
)
def test_what_is_not_there_is_refused(operation: Any) -> None:
    assert "there is nothing at" in refusal({"traits": {"list": [1, 2], "text": "abc"}}, operation)


@pytest.mark.parametrize(
    "patch",
    [
        {"op": "replace", "path": "/traits", "value": 1},
        "text",
        None,
        [1],
        [{}],
        [{"op": "bend", "path": "/traits", "value": 1}],
        [{"op": "test", "path": "/traits", "value": 1}],
        [{"op": "copy", "from": "/traits", "path": "/metadata_public"}],
        [{"op": "move", "from": "/traits", "path": "/metadata_public"}],
        [{"op": "replace", "path": "/traits"}],
        [{"op": "replace", "value": 1}],
        [{"op": "replace", "path": 7, "value": 1}],
        [{"op": "replace", "path": "", "value": {}}],
        [{"op": "replace", "path": "traits", "value": {}}],
        [put("/traits" + "/a" * 200)],
        [put("/traits/a")] * (patching.MOST_OPERATIONS + 1),
    ],
)
def test_a_malformed_patch_is_refused(patch: Any) -> None:
    with pytest.raises(ApiError) as caught:
        patching.read(patch)
    assert caught.value.status == 400


def test_a_member_is_found_in_any_case() -> None:
    assert patched({"traits": {"a": 1}}, put("/TRAITS/a", 2)) == {"traits": {"a": 2}}


def test_an_unknown_member_is_put_where_nobody_reads_it() -> None:
    assert patched({"traits": {}}, put("/colour", "red")) == {"traits": {}, "colour": "red"}


@pytest.mark.parametrize("name", patching.DENIED)
@pytest.mark.parametrize("below", ["", "/x", "/password/config/hashed_password", "/-"])
@pytest.mark.parametrize("spelled", [str, str.upper, str.title])
@pytest.mark.parametrize("op", patching.OPERATIONS)
def test_denied_members_are_not_reached(name: str, below: str, spelled: Any, op: str) -> None:
    document = {name: {"x": 1}}
    reason = refusal(document, {"op": op, "path": f"/{spelled(name)}{below}", "value": 2})
    assert "must not be changed" in reason
    assert document == {name: {"x": 1}}


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5), st.sampled_from(patching.OPERATIONS))
def test_any_path_changes_the_document_or_is_refused(parts: list[str], op: str) -> None:
    document: dict[str, Any] = {"traits": {"a": [1, {"b": 2}]}, "credentials": {"secret": 1}, "id": "x"}
    path = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
    try:
        patched(document, {"op": op, "path": path, "value": 3})
    except ApiError as error:
        assert error.status == 400
    assert document["credentials"] == {"secret": 1}
    assert document["id"] == "x"
