import json
from pathlib import Path

import pytest

ID, OTHER = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
IDENTITY = {
    "id": ID,
    "schema_id": "member",
    "schema_url": "http://a.test/schemas/bWVtYmVy",
    "traits": {"email": "a@b.test", "nickname": None},
    "verifiable_addresses": [{"value": "a@b.test", "verified": True}, {"value": "c@d.test", "verified": False}],
    "recovery_addresses": [{"value": "a@b.test"}],
    "metadata_public": None,
    "metadata_admin": None,
    "organization_id": None,
}
CLEAN = {key: value for key, value in IDENTITY.items() if not key.startswith("metadata")}


@pytest.fixture
def api(server):
    server.answer(f"GET /admin/identities/{ID}", IDENTITY)
    server.answer("GET /admin/identities", [IDENTITY])
    server.answer("POST /admin/identities", IDENTITY, 201)
    server.answer(f"DELETE /admin/identities/{ID}", None, 204)
    return server


def test_one_identity_is_shown_with_the_member_that_kratos_adds(run, api):
    ran = run("get", "identity", ID, "-e", api.url, "--format", "json")
    assert ran.status == 0
    assert ran.json == {**CLEAN, "AdditionalProperties": {}}
    assert run("get", "identity", ID, "-e", api.url, "--format", "jsonpath=traits.email").out == '"a@b.test"\n'


@pytest.mark.parametrize("words", [["identities", "get"], ["get", "identities"], ["get", "identity"]])
def test_commands_have_several_spellings(run, api, words):
    assert run(*words, ID, "--endpoint", api.url, "-q").out == f"{ID}\n"


def test_the_table_says_none_where_there_is_nothing(run, api):
    lines = run("get", "identity", ID, env={"KRATOS_ADMIN_URL": api.url}).out.splitlines()
    assert [line.split(maxsplit=2)[-1] for line in lines[:2]] == [ID, "<none>"] or lines[0].split() == ["ID", ID]
    assert "VERIFIED ADDRESSES  a@b.test" in lines
    assert "EXTERNAL ID         <none>" in lines


def test_several_are_a_list_and_missing_ones_fail_the_command(run, api):
    api.answer(f"GET /admin/identities/{OTHER}", {**IDENTITY, "id": OTHER})
    ran = run("get", "identity", ID, OTHER, "-e", api.url, "--format", "json")
    assert [item["id"] for item in ran.json] == [ID, OTHER]
    ran = run("get", "identity", ID, "none", "-e", api.url, "--format", "json")
    assert ran.status == 1
    assert [item["id"] for item in ran.json] == [ID]
    assert ran.err == "none: The server answered 404: There is nothing here.\n"
    ran = run("get", "identity", "none", "-e", api.url, "--format", "json")
    assert (ran.status, ran.out) == (1, "")


def test_credentials_and_external_ids_are_asked_for(run, api):
    api.answer("GET /admin/identities/by/external/me%2Fyou", IDENTITY)
    assert run("get", "identity", "me/you", "--external-id", "-i", "oidc", "-e", api.url).status == 0
    assert api.requests[-1][1] == "/admin/identities/by/external/me%2Fyou?include_credential=oidc"


@pytest.mark.parametrize("hostile", ["../sessions", "a?b=c", "a#b", "a%2e", "a b\n"])
def test_an_id_cannot_reach_another_address(run, api, hostile):
    run("delete", "identity", hostile, "-e", api.url)
    method, path, _, _ = api.requests[-1]
    assert method == "DELETE"
    assert path.startswith("/admin/identities/")
    assert path.count("/") == 3
    assert "?" not in path


def test_a_list_says_where_to_go_on(run, api):
    link = f'<{api.url}/admin/identities?page_size=1&page_token=abc%3D>; rel="next",<{api.url}/x>; rel="first"'
    api.answer("GET /admin/identities", [IDENTITY], Link=link)
    ran = run("list", "identities", "--page-size", "1", "--page-token", "t", "-e", api.url, "--format", "json")
    assert ran.json == {"identities": [CLEAN], "next_page_token": "abc="}
    assert api.requests[-1][1] == "/admin/identities?page_size=1&page_token=t"
    table = run("ls", "identities", "--page-size", "1", "-e", api.url).out.splitlines()
    assert table[0].split("  ")[0] == "ID"
    assert table[-1].split() == ["NEXT", "PAGE", "TOKEN", "abc="]


def test_the_last_page_has_no_next_one(run, api):
    api.answer("GET /admin/identities", [], Link=f'<{api.url}/?page_token=x>; rel="next"')
    ran = run("list", "identities", "-e", api.url, "--format", "json")
    assert ran.json == {"identities": [], "next_page_token": ""}


def test_one_deleted_id_is_a_text_and_several_are_a_list(run, api):
    api.answer(f"DELETE /admin/identities/{OTHER}", None, 204)
    assert run("delete", "identity", ID, "-e", api.url, "--format", "json").json == ID
    assert run("delete", "identity", ID, OTHER, "-e", api.url, "--format", "json").json == [ID, OTHER]
    ran = run("delete", "identity", "none", "-e", api.url, "--format", "json")
    assert (ran.status, ran.out) == (1, "")


def test_identities_are_imported_from_files_and_standard_input(run, api, tmp_path: Path):
    body = {"schema_id": "member", "traits": {}}
    (tmp_path / "many.json").write_text(json.dumps([body, body]))
    (tmp_path / "one.json").write_text(json.dumps(body))
    assert run("import", "identities", "-e", api.url, "--format", "json", stdin=json.dumps(body)).json["id"] == ID
    ran = run("import", "identities", tmp_path / "many.json", tmp_path / "one.json", "-e", api.url, "--format", "json")
    assert [item["id"] for item in ran.json] == [ID] * 3
    assert {request[0] for request in api.requests} == {"POST"}
    assert [request[2] for request in api.requests] == [body] * 4


def test_what_the_server_refuses_is_told_with_its_reason(run, api, tmp_path: Path):
    refusal = {"error": {"code": 400, "message": "The request is bad.", "reason": "email is missing"}}
    api.answer("POST /admin/identities", refusal, 400)
    (tmp_path / "many.json").write_text("[{}, {}]")
    ran = run("import", "identities", tmp_path / "many.json", "-e", api.url, "--format", "json")
    assert (ran.status, ran.json) == (1, [])
    assert "many.json, number 2: The server answered 400: The request is bad. email is missing" in ran.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": ', "is not JSON"),
        ("[1]", "must hold an identity"),
        ('"a"', "must hold an identity"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_broken_file_stops_the_import_before_it_starts(run, api, tmp_path: Path, text, says):
    (tmp_path / "good.json").write_text("{}")
    (tmp_path / "bad.json").write_text(text)
    ran = run("import", "identities", tmp_path / "good.json", tmp_path / "bad.json", "-e", api.url)
    assert ran.status == 1
    assert says in ran.err
    assert api.requests == []


def test_a_missing_file_is_named(run, api, tmp_path: Path):
    ran = run("import", "identities", tmp_path / "none.json", "-e", api.url)
    assert "none.json cannot be read: No such file" in ran.err


def test_a_patch_is_sent_as_it_is(run, api):
    api.answer(f"PATCH /admin/identities/{ID}", IDENTITY)
    steps = [{"op": "replace", "path": "/state", "value": "inactive"}]
    ran = run("patch", "identity", ID, "-e", api.url, "--format", "json", stdin=json.dumps(steps))
    assert ran.json["id"] == ID
    assert api.requests[-1][2] == steps
    assert "A patch is a list" in run("patch", "identity", ID, "-e", api.url, stdin="{}").err
    assert "not JSON" in run("patch", "identity", ID, "-e", api.url, stdin="{").err


SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {"email": {"type": "string", "format": "email"}},
            "required": ["email"],
        }
    },
}


@pytest.mark.parametrize(
    ("identity", "says"),
    [
        ({"schema_id": "member", "traits": {"email": "a@b.test"}, "state": "active", "external_id": None}, ""),
        ({"schema_id": "member", "traits": {}}, "traits.email: required"),
        ({"schema_id": "member", "traits": {"email": "a"}}, "traits.email: format"),
        ({"traits": {}}, "schema_id is missing"),
        ({"schema_id": "member"}, "traits are missing"),
        ({"schema_id": "member", "traits": []}, "traits must be an object"),
        ({"schema_id": "member", "traits": {"email": "a@b.test"}, "verifiable_addresses": {}}, "must be a list"),
        ({"schema_id": "member", "traits": {"email": "a@b.test"}, "password": "x"}, "password is not known"),
        ({"schema_id": "member", "traits": {"email": "a@b.test"}, "state": "asleep"}, "active or inactive"),
        ({"schema_id": "nobody", "traits": {}}, "The server answered 404"),
    ],
)
def test_identities_are_checked_against_the_servers_schema(run, server, identity, says):
    server.answer("GET /schemas/member", SCHEMA)
    ran = run("validate", "identity", "-e", server.url, stdin=json.dumps(identity))
    assert ran.status == (1 if says else 0)
    assert says in ran.err
    assert says or ran.out == "All identity files are valid.\n"


@pytest.mark.parametrize(("alive", "ready", "status"), [(200, 200, 0), (200, 503, 1)])
def test_the_servers_health_is_told(run, server, alive, ready, status):
    server.answer("GET /admin/health/alive", {"status": "ok"}, alive)
    server.answer("GET /admin/health/ready", {"status": "ok"}, ready)
    ran = run("remote", "status", "-e", server.url, "--format", "json")
    assert (ran.status, ran.json) == (status, {"alive": True, "ready": ready == 200})


def test_the_servers_version_is_told(run, server):
    server.answer("GET /admin/version", {"version": "v26.2.0"})
    assert run("remote", "version", "-e", server.url, "--format", "json").json == {"version": "v26.2.0"}
    assert run("remote", "version", "-e", f"{server.url}/").out == "VERSION  v26.2.0\n"


def test_a_key_is_sent_from_the_environment_and_never_shown(run, api):
    ran = run("get", "identity", "none", "-e", api.url, env={"KRATOS_ADMIN_KEY": "hunter2"})
    assert api.requests[-1][3]["Authorization"] == "Bearer hunter2"
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "Set KRATOS_ADMIN_URL"),
        (["-e", "localhost:4434"], "allowed: http://HOST:PORT"),
        (["-e", "file:///etc/passwd"], "allowed: http://HOST:PORT"),
        (["-e", "http://127.0.0.1:1"], "cannot be reached"),
        (["-e", "http://127.0.0.1:1", "--format", "xml"], "allowed: table"),
    ],
)
def test_a_server_that_cannot_be_asked_is_told(run, args, says):
    ran = run("list", "identities", *args)
    assert ran.status == 1
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_an_answer_that_is_no_json_is_told(run, server):
    server.answer("GET /admin/identities", b"<html>")
    assert "something else than JSON" in run("list", "identities", "-e", server.url).err
    server.answer("GET /admin/identities", b"<html>", 502)
    assert "502: it gave no reason" in run("list", "identities", "-e", server.url).err
