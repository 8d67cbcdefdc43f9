"""Paths and queries, checked."""

from collections.abc import Callable

import pytest
from starlette.requests import Request

from identity_server.errors import ApiError
from identity_server.web.parameters import flag, path_id, storable, uuid_or_none

ID = "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"
Make = Callable[..., Request]


@pytest.mark.parametrize("text", [ID, ID.upper()])
def test_a_uuid_in_lower_case(text: str) -> None:
    assert uuid_or_none(text) == ID


@pytest.mark.parametrize(
    "text",
    ["", "zebra", ID[:-1], ID + "0", ID + "\n", f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", ""), "٥" + ID[1:]],
)
def test_what_is_no_uuid(text: str) -> None:
    assert uuid_or_none(text) is None


@pytest.mark.parametrize("status", [400, 404])
def test_an_id_in_the_path_is_a_uuid(make_request: Make, status: int) -> None:
    request = make_request()
    request.scope["path_params"] = {"id": "zebra"}
    with pytest.raises(ApiError) as caught:
        path_id(request, otherwise=status)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("true", True), ("T", True), ("1", True), ("false", False), ("0", False)]
)
def test_truth_values(make_request: Make, text: str, value: bool | None) -> None:
    assert flag(make_request("/", f"active={text}"), "active") is value


def test_perhaps_is_no_truth_value(make_request: Make) -> None:
    with pytest.raises(ApiError):
        flag(make_request("/", "active=perhaps"), "active")


def test_nul_cannot_be_stored() -> None:
    assert storable("a\tb\n") and not storable("a\0b")
