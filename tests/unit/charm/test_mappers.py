"""Claims of other providers to traits, by the Jsonnet that comes with the charm."""

import json
from typing import Any

import pytest
import rjsonnet
from jsonschema import Draft7Validator

from identity_charm import identity_schemas, oidc_providers

CLAIMS = {
    "iss": "https://idp.test",
    "sub": "1",
    "email": "ann@shop.test",
    "email_verified": True,
    "name": "Ann Shop",
    "given_name": "Ann",
    "family_name": "Shop",
    "middle_name": "",
    "phone_number": "+49 30 1",
    "phone_number_verified": True,
    "locale": None,
    "picture": "https://idp.test/ann.png",
    "raw_claims": {"secret": "x"},
}


def traits(mapper: str, **changes: Any) -> dict[str, Any]:
    path = oidc_providers.MAPPERS / f"{mapper}.jsonnet"
    claims = {key: value for key, value in {**CLAIMS, **changes}.items() if value != "absent"}
    text = rjsonnet.evaluate_snippet(
        path.name, path.read_text(encoding="utf-8"), ext_codes={"claims": json.dumps(claims)}
    )
    return dict(json.loads(text)["identity"]["traits"])


@pytest.mark.parametrize("mapper", ["default", "microsoft"])
def test_what_is_given_is_taken_and_nothing_else(mapper: str) -> None:
    assert traits(mapper) == {
        "email": "ann@shop.test",
        "name": "Ann Shop",
        "given_name": "Ann",
        "family_name": "Shop",
        "phone_number": "+49 30 1",
        "picture": "https://idp.test/ann.png",
    }


@pytest.mark.parametrize("verified", [False, None, "absent", "true"])
def test_an_address_that_the_provider_has_not_verified_is_not_taken(verified: Any) -> None:
    assert "email" not in traits("default", email_verified=verified)


@pytest.mark.parametrize("mapper", ["default", "microsoft"])
@pytest.mark.parametrize("verified", [False, "absent"])
def test_nor_is_such_a_telephone_number(mapper: str, verified: Any) -> None:
    assert "phone_number" not in traits(mapper, phone_number_verified=verified)


def test_microsofts_tenants_vouch_for_addresses() -> None:
    assert traits("microsoft", email_verified="absent")["email"] == "ann@shop.test"


@pytest.mark.parametrize("mapper", ["default", "microsoft"])
def test_the_traits_fit_the_built_in_schema(mapper: str) -> None:
    Draft7Validator(identity_schemas.built_in()["social_user_v0"]).validate({"traits": traits(mapper)})


@pytest.mark.parametrize("kind", ["google", "microsoft", "../../../etc/passwd", "generic"])
def test_a_vendor_without_a_mapper_of_its_own_gets_the_common_one(kind: str) -> None:
    common = (oidc_providers.MAPPERS / "default.jsonnet").read_text(encoding="utf-8")
    assert (oidc_providers._mapper(kind) == common) is (kind != "microsoft")
