"""Bodies of the admin API."""

from typing import Any

import pytest

from identity_server.errors import ApiError
from identity_server.identity.payload import BatchBody, CreateBody, UpdateBody, read

ORGANIZATION = "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"


def refusal(value: Any, model: Any = CreateBody) -> str:
    with pytest.raises(ApiError) as caught:
        read(model, value)
    assert caught.value.status == 400
    return caught.value.reason


def test_null_is_an_empty_body() -> None:
    assert read(CreateBody, None).traits == {}


@pytest.mark.parametrize("names", [("SCHEMA_ID", "Traits"), ("schema_id", "TRAITS"), ("Schema_Id", "traits")])
def test_names_count_in_any_case(names: tuple[str, str]) -> None:
    body = read(CreateBody, {names[0]: "staff", names[1]: {"Email": "a"}})
    assert body.schema_id == "staff"
    assert body.traits == {"Email": "a"}


def test_names_inside_count_in_any_case() -> None:
    body = read(CreateBody, {"credentials": {"Password": {"CONFIG": {"Hashed_Password": "x"}}}})
    assert body.credentials and body.credentials.password and body.credentials.password.config
    assert body.credentials.password.config.hashed_password == "x"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"id": ORGANIZATION}, "id"),
        ({"credentials": {"totp": {"config": {}}}}, "credentials.totp"),
        (
            {"credentials": {"oidc": {"config": {"providers": [{"colour": 1}]}}}},
            "credentials.oidc.config.providers.0.colour",
        ),
        ({"verifiable_addresses": [{"admin": True}]}, "verifiable_addresses.0.admin"),
    ],
)
def test_an_unknown_member_is_refused_by_name(value: Any, place: str) -> None:
    assert refusal(value) == f"{place}: this member is unknown"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"schema_id": 7}, "schema_id"),
        ({"state": 1}, "state"),
        ({"external_id": 5}, "external_id"),
        ({"credentials": "secret"}, "credentials"),
        ({"verifiable_addresses": {}}, "verifiable_addresses"),
        ({"verifiable_addresses": [{"verified": "yes"}]}, "verifiable_addresses.0.verified"),
        ({"organization_id": "acme"}, "organization_id"),
        ({"verifiable_addresses": [{"verified_at": "yesterday"}]}, "verifiable_addresses.0.verified_at"),
    ],
)
def test_a_member_of_the_wrong_kind_is_refused_by_name(value: Any, place: str) -> None:
    assert refusal(value).startswith(f"{place}: ")


@pytest.mark.parametrize("value", [[], "hello", 7, True])
def test_a_body_is_an_object(value: Any) -> None:
    assert refusal(value)


@pytest.mark.parametrize(
    "value",
    [
        {"credentials": {"password": {"config": {"password": ["hunter-2"]}}}},
        {"credentials": {"password": {"config": {"hashed_password": {"a": "hunter-2"}}}}},
        {"external_id": "hunter-2" * 20},
    ],
)
def test_a_refusal_never_repeats_a_value(value: Any) -> None:
    assert "hunter-2" not in refusal(value)


def test_a_password_is_not_in_the_repr() -> None:
    body = read(
        CreateBody, {"credentials": {"password": {"config": {"password": "hunter-2", "hashed_password": "hunter-2"}}}}
    )
    assert "hunter-2" not in repr(body)


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "\x7f"])
def test_names_hold_no_control_characters(text: str) -> None:
    assert refusal({"external_id": text})
    assert refusal({"credentials": {"oidc": {"config": {"providers": [{"provider": "x", "subject": text}]}}}})


def test_an_external_id_has_at_most_64_characters() -> None:
    assert read(CreateBody, {"external_id": "x" * 64}).external_id == "x" * 64
    assert refusal({"external_id": "x" * 65})


def test_an_update_leaves_out_what_it_does_not_know() -> None:
    body = read(UpdateBody, {"colour": "red", "credentials": {"totp": {}}, "traits": {"a": 1}}, lenient=True)
    assert body.traits == {"a": 1}


def test_an_update_cannot_set_addresses_or_the_organization() -> None:
    assert not {"verifiable_addresses", "recovery_addresses", "organization_id", "id"} & set(UpdateBody.model_fields)


@pytest.mark.parametrize(
    ("value", "shown"), [({}, False), ({"metadata_admin": None}, True), ({"metadata_admin": 1}, True)]
)
def test_null_metadata_is_not_missing_metadata(value: Any, shown: bool) -> None:
    assert read(CreateBody, value).shows_admin_metadata is shown


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2020-02-03T04:05:06Z", "2020-02-03T04:05:06Z"),
        ("2020-02-03T04:05:06.5Z", "2020-02-03T04:05:06.500000Z"),
        ("2020-02-03T06:05:06+02:00", "2020-02-03T04:05:06Z"),
    ],
)
def test_a_time_is_kept_in_utc(text: str, stored: str) -> None:
    body = read(CreateBody, {"verifiable_addresses": [{"verified_at": text}]})
    assert body.verifiable_addresses and body.verifiable_addresses[0].verified_at == stored


def test_ids_become_lower_case() -> None:
    assert read(CreateBody, {"organization_id": ORGANIZATION.upper()}).organization_id == ORGANIZATION


def test_a_batch_may_hold_null() -> None:
    assert read(BatchBody, {"identities": [None, {"create": None}]}).identities is not None
    assert refusal({"identities": [{"patch_id": "one"}]}, BatchBody)
    assert refusal({"identities": [{"delete": ORGANIZATION}]}, BatchBody)
