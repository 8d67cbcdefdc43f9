"""Identities as JSON."""

import json

from identity_server.identity import document
from identity_server.identity.model import Credential, Identity
from identity_server.times import NEVER

BASE = "https://id.example.com/"


def shown(identity: Identity, **options: object) -> dict[str, object]:
    return dict(json.loads(document.identity_text(document.identity_row(identity), BASE, **options)))  # type: ignore[arg-type]


def test_what_is_stored_is_read_back(ada: Identity) -> None:
    ada.metadata_public, ada.metadata_admin, ada.external_id = {"a": [1, None]}, "x", "e/1"
    rows = [document.credential_row(credential) for credential in ada.credentials.values()]
    assert document.identity_from(document.identity_row(ada), rows) == ada


def test_what_everybody_sees(ada: Identity) -> None:
    seen = shown(ada)
    assert seen["schema_url"] == f"{BASE}schemas/cGVyc29u"
    assert seen["metadata_public"] is None
    assert seen["organization_id"] is None
    assert not {"metadata_admin", "credentials", "external_id", "available_aal"} & seen.keys()


def test_what_operators_see(ada: Identity) -> None:
    ada.metadata_admin = {"note": "pays late"}
    assert shown(ada, admin=True)["metadata_admin"] == {"note": "pays late"}


def test_unset_metadata_is_null_or_left_out(ada: Identity) -> None:
    assert shown(ada, admin=True)["metadata_admin"] is None
    assert "metadata_admin" not in shown(ada, admin=True, unset_admin=False)


def test_no_addresses_are_left_out(ada: Identity) -> None:
    ada.verifiable_addresses = ada.recovery_addresses = []
    assert not {"verifiable_addresses", "recovery_addresses"} & shown(ada).keys()


def test_names_that_break_json_do_not(ada: Identity) -> None:
    ada.external_id, ada.schema_id = 'a"b\\', 'person"'
    seen = shown(ada)
    assert (seen["external_id"], seen["schema_id"]) == (ada.external_id, ada.schema_id)


def test_the_address_of_another_schema(ada: Identity) -> None:
    assert shown(ada, shown_schema="device")["schema_url"] == f"{BASE}schemas/ZGV2aWNl"


def test_without_a_base_there_is_no_address_of_the_schema(ada: Identity) -> None:
    assert json.loads(document.identity_text(document.identity_row(ada), ""))["schema_url"] == ""


def credentials(**options: object) -> dict[str, dict[str, object]]:
    rows = [
        document.credential_row(Credential("password", ["a"], {"hashed_password": "secret"}, 0, "t1", "t2")),
        document.credential_row(Credential("oidc", [], {"providers": []}, 0, "t1", "t2")),
    ]
    return dict(json.loads(document.credentials_text(rows, **options)))  # type: ignore[arg-type]


def test_contents_are_shown_of_what_was_asked_for() -> None:
    assert credentials(config_of=["oidc"])["oidc"]["config"] == {"providers": []}
    assert "secret" not in json.dumps(credentials(config_of=["oidc"]))


def test_fresh_credentials_are_of_year_one() -> None:
    seen = credentials(fresh={"oidc"})
    assert (seen["oidc"]["created_at"], seen["oidc"]["identifiers"]) == (NEVER, None)
    assert (seen["password"]["created_at"], seen["password"]["identifiers"]) == ("t1", ["a"])
