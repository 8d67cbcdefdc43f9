import base64
import hashlib
import io
import json

import pyotp
import pytest

from identity_server.passwords.hashes import parse
from identity_server.transfer.sources import json_rows
from identity_server.transfer.sources.csv_rows import CsvTable
from identity_server.transfer.sources.json_rows import JsonDocument, JsonLines
from identity_server.transfer.sources.keycloak import KeycloakRealm
from identity_server.transfer.sources.opening import Reading, open_source
from identity_server.transfer.sources.row import BadSource, Row

TRAITS = ("email", "name.first", "name.last", "phone", "groups")
USER_ID = "3f0f7d5c-6d4a-4a3b-8b0e-5f8f5d1c2a10"


def rows(source) -> list[Row]:
    return list(source.rows())


def test_a_broken_line_is_one_refused_row(monkeypatch):
    monkeypatch.setattr(json_rows, "LONGEST_LINE", 40)
    lines = b'{"traits":1}\n\n{nonsense\n[1]\n{"a":"' + b"x" * 100 + b'"}\n{"traits":2}'
    found = rows(JsonLines(io.BytesIO(lines)))
    assert [(row.number, row.value.get("traits"), bool(row.fault)) for row in found] == [
        (1, 1, False),
        (3, None, True),
        (4, None, True),
        (5, None, True),
        (6, 2, False),
    ]
    assert "longer than 40 bytes" in found[3].fault


def test_a_document_is_read_row_by_row_until_it_breaks():
    found = JsonDocument(io.BytesIO(b'[{"traits":{"n":1.5}}, 7, {"traits'), "item").rows()
    assert next(found).value == {"traits": {"n": 1.5}}
    assert next(found).fault == "It is no JSON object."
    with pytest.raises(BadSource, match="no JSON"):
        next(found)


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("a.jsonl", "{}", "jsonl"),
        ("a", '{"traits":{}}\n{"traits":{}}\n', "jsonl"),
        ("a", '{\n "traits": {}\n}', "json"),
        ("a", ' [{"traits":{}}]', "json"),
        ("a", '\ufeff[{"traits":{}}]', "json"),
        ("a", '{"realm":"r","users":[]}', "keycloak"),
        ("a", '{\n "realm": "r",\n "users": []}', "keycloak"),
        ("a", "email,name.first\na@b.test,Ada", "csv"),
        ("a.csv", "[email]\n", "csv"),
    ],
)
def test_the_name_or_the_beginning_tells_the_form(tmp_path, name, text, form):
    file = tmp_path / name
    file.write_text(text)
    with open_source(str(file), Reading()) as opened:
        assert (opened.form, opened.size) == (form, len(text.encode()))
        list(opened.source.rows())
        assert opened.counted.position == opened.size


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(BadSource, match="No such file"), open_source(str(tmp_path / "none"), Reading()):
        pass


def test_a_changed_file_is_another_one(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text("{}\n")
    first = fingerprint(str(file))
    assert fingerprint(str(file)) == first
    file.write_text("{}\n{}\n")
    assert fingerprint(str(file)) != first


def fingerprint(file: str) -> str:
    with open_source(file, Reading()) as opened:
        return opened.fingerprint


def table(text: str, **renamed: str) -> list[Row]:
    return rows(CsvTable(io.BytesIO(text.encode()), {key.replace("__", "."): name for key, name in renamed.items()}))


def test_columns_fill_members_by_their_names():
    (row,) = table(
        "email;name.first;external_id;hashed_password;metadata_public.plan;verified\n"
        'a@b.test;"Ada; Countess";x-1;$2a$…;gold;Yes\n'
    )
    assert row.as_text
    assert row.value == {
        "traits": {"email": "a@b.test", "name": {"first": "Ada; Countess"}},
        "external_id": "x-1",
        "credentials": {"password": {"config": {"hashed_password": "$2a$…"}}},
        "metadata_public": {"plan": "gold"},
        "verified": True,
    }


def test_columns_can_be_renamed_and_empty_cells_are_left_out():
    (row,) = table("Mail,Vorname\na@b.test,\n", traits__email="Mail", traits__name__first="Vorname")
    assert row.value == {"traits": {"email": "a@b.test"}}


def test_wrong_lines_are_refused_and_wrong_columns_end_it():
    found = table("email,verified\na@b.test\nb@b.test,maybe\nc@b.test,no\n")
    assert [row.fault for row in found] == [
        "It has 1 cells, and the first line names 2 columns.",
        "verified must be true or false.",
        "",
    ]
    for text, why in [
        ("", "must name the columns"),
        ("email,email\n", "Two columns fill 'traits.email'"),
        ("email\n\xff\udcff\n", "not UTF-8"),
        ('email\n"open', "no table"),
    ]:
        with pytest.raises(BadSource, match=why):
            rows(CsvTable(io.BytesIO(text.encode("utf-8", "surrogateescape"))))
    with pytest.raises(BadSource, match="no column 'Mail'"):
        table("email\na@b.test\n", traits__email="Mail")


def test_a_column_inside_another_refuses_the_row():
    (row,) = table("name,name.first\nAda,Ada\n")
    assert "lies inside another column" in row.fault


def realm(*users: object, **options: object) -> list[Row]:
    document = json.dumps({"realm": "r", "clients": [{"users": [1]}], "users": users}).encode()
    return rows(KeycloakRealm(io.BytesIO(document), TRAITS, **options))  # type: ignore[arg-type]


def credential(kind: str, data: dict, secret: dict) -> dict:
    texts = {"credentialData": json.dumps(data), "secretData": json.dumps(secret)}
    return {"type": kind, "createdDate": 1767604673211, **texts}


def pbkdf2(password: str, algorithm: str, digest: str) -> dict:
    salt = b"sixteen bytes 16"
    key = hashlib.pbkdf2_hmac(digest, password.encode(), salt, 1000, 64)
    secret = {"value": base64.b64encode(key).decode(), "salt": base64.b64encode(salt).decode()}
    return credential("password", {"hashIterations": 1000, "algorithm": algorithm}, secret)


USER = {
    "id": USER_ID,
    "username": "ada",
    "email": "ada@b.test",
    "emailVerified": True,
    "enabled": True,
    "firstName": "Ada",
    "lastName": "Lovelace",
    "createdTimestamp": 1767604673211,
    "attributes": {"phone": ["+4915112345678"], "colour": ["green"], "groups": ["a", "b"]},
    "requiredActions": ["VERIFY_EMAIL"],
    "federatedIdentities": [{"identityProvider": "google", "userId": "g-1", "userName": "ada"}],
}


def test_a_user_of_keycloak_fills_the_traits_and_nothing_is_lost():
    (row,) = realm(USER)
    assert row.as_text
    assert row.value == {
        "id": USER_ID,
        "state": "active",
        "created_at": "2026-01-05T09:17:53.211000Z",
        "traits": {
            "email": "ada@b.test",
            "name": {"first": "Ada", "last": "Lovelace"},
            "phone": "+4915112345678",
            "groups": ["a", "b"],
        },
        "verifiable_addresses": [{"value": "ada@b.test", "via": "email", "verified": True}],
        "credentials": {"oidc": {"config": {"providers": [{"provider": "google", "subject": "g-1"}]}}},
        "metadata_admin": {
            "keycloak": {
                "id": USER_ID,
                "username": "ada",
                "requiredActions": ["VERIFY_EMAIL"],
                "attributes": {"colour": ["green"], "groups": ["a", "b"]},
            }
        },
    }


def test_a_trait_can_be_filled_from_another_field():
    (row,) = realm(USER, renamed={"traits.phone": "attributes.colour", "name.first": "username"})
    assert row.value["traits"]["phone"] == "green"
    assert row.value["traits"]["name"]["first"] == "ada"


def test_a_trait_that_the_schema_lacks_is_filled_all_the_same_so_that_its_check_tells():
    (row,) = realm(USER, renamed={"traits.colour": "attributes.colour"})
    assert row.value["traits"]["colour"] == "green"


@pytest.mark.parametrize(
    ("algorithm", "digest"), [("pbkdf2", "sha1"), ("pbkdf2-sha256", "sha256"), ("pbkdf2-sha512", "sha512")]
)
def test_keycloaks_pbkdf2_hashes_match_their_password(algorithm, digest):
    (row,) = realm({"credentials": [pbkdf2("correct horse", algorithm, digest)]})
    known = parse(row.value["credentials"]["password"]["config"]["hashed_password"])
    assert known.matches(b"correct horse")
    assert not known.matches(b"correct horsf")
    assert row.value["credentials"]["password"]["created_at"] == "2026-01-05T09:17:53.211000Z"


def test_keycloaks_argon2_hashes_match_their_password():
    from argon2.low_level import Type, hash_secret_raw

    salt = b"sixteen bytes 16"
    key = hash_secret_raw(b"correct horse", salt, 2, 1024, 1, 32, Type.ID)
    more = {"hashLength": ["32"], "memory": ["1024"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
    data = {"hashIterations": 2, "algorithm": "argon2", "additionalParameters": more}
    secret = {"value": base64.b64encode(key).decode(), "salt": base64.b64encode(salt).decode()}
    (row,) = realm({"credentials": [credential("password", data, secret)]})
    assert parse(row.value["credentials"]["password"]["config"]["hashed_password"]).matches(b"correct horse")


def test_hashes_of_old_keycloaks_match_too():
    made = pbkdf2("correct horse", "pbkdf2-sha256", "sha256")
    secret = json.loads(made["secretData"])
    old = {"type": "password", "hashedSaltedValue": secret["value"], "salt": secret["salt"]}
    old |= {"hashIterations": 1000, "algorithm": "pbkdf2-sha256"}
    (row,) = realm({"credentials": [old]})
    assert parse(row.value["credentials"]["password"]["config"]["hashed_password"]).matches(b"correct horse")


@pytest.mark.parametrize(
    ("extra", "shared"),
    [({}, b"Quohp7t2mrLMUwft3g90"), ({"secretEncoding": "BASE32"}, b"Hello!\xde\xad\xbe\xef ten b")],
)
def test_an_authenticator_app_goes_on_showing_the_right_codes(extra, shared):
    value = base64.b32encode(shared).decode() if extra else shared.decode()
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA256", **extra}
    (row,) = realm({"email": "a b@b.test", "credentials": [credential("otp", data, {"value": value})]})
    app = pyotp.parse_uri(row.value["credentials"]["totp"]["config"]["totp_url"])
    assert app.at(1_767_604_673) == pyotp.TOTP(base64.b32encode(shared).decode(), digest=hashlib.sha256).at(
        1_767_604_673
    )


WEBAUTHN = credential("webauthn", {"aaguid": "x"}, {"value": "x"})


@pytest.mark.parametrize(
    ("credentials", "why"),
    [
        ([WEBAUTHN], "webauthn cannot be taken"),
        ([credential("otp", {"subType": "hotp"}, {"value": "x"})], "by time"),
        ([credential("password", {"algorithm": "bcrypt", "hashIterations": 1}, {"value": "x", "salt": "x"})], "bcrypt"),
        ([pbkdf2("a", "pbkdf2", "sha1"), pbkdf2("b", "pbkdf2", "sha1")], "several credentials"),
        ([{"type": "password", "credentialData": '{"algorithm":"argon2"}'}], "without its secret"),
        ([{"type": "password"}], "without its secret"),
        ([{"type": "password", "credentialData": "{", "secretData": "{}"}], "form of Keycloak"),
        (["text"], "form of Keycloak"),
    ],
)
def test_a_user_whose_credential_cannot_be_checked_is_refused(credentials, why):
    (row,) = realm({"email": "a@b.test", "credentials": credentials})
    assert why in row.fault
    assert not row.skipped


def test_unless_such_credentials_are_dropped_which_is_noted():
    (row,) = realm({"email": "a@b.test", "credentials": [WEBAUTHN]}, drops_unsupported=True)
    assert row.value["metadata_admin"]["keycloak"]["dropped_credentials"] == ["webauthn"]


def test_accounts_of_clients_are_skipped_and_nonsense_is_refused():
    found = realm(
        {"username": "service-account-x", "serviceAccountClientId": "x"}, 7, {"attributes": 7}, {"enabled": False}
    )
    assert [(row.skipped, bool(row.fault)) for row in found] == [
        (True, True),
        (False, True),
        (False, True),
        (False, False),
    ]
    assert found[3].value["state"] == "inactive"
