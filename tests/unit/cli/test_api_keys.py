import pytest

ID, KEY_ID = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
KEY = {
    "id": KEY_ID,
    "name": "robot",
    "created_at": "2026-05-17T09:30:00.000000Z",
    "expires_at": None,
    "last_used_at": None,
}
FOLDER = f"/admin/identities/{ID}/api_keys"


@pytest.fixture
def api(server):
    server.answer(f"POST {FOLDER}", {**KEY, "key": "kratos_ik_the-key"}, 201)
    server.answer(f"GET {FOLDER}", [KEY])
    server.answer(f"DELETE {FOLDER}/{KEY_ID}", None, 204)
    return server


def test_the_key_alone_is_printed_once(run, api):
    ran = run("api-keys", "create", ID, "--name", "robot", "--expires-in", "720h", "-e", api.url)
    assert (ran.status, ran.out) == (0, "kratos_ik_the-key\n")
    assert "not shown again" in ran.err
    assert api.requests[-1][2] == {"name": "robot", "expires_in": "720h0m0s"}
    assert run("api-keys", "create", ID, "-e", api.url, "--format", "json").json["key"] == "kratos_ik_the-key"
    assert api.requests[-1][2] == {"name": ""}


def test_keys_are_listed_and_revoked(run, api):
    lines = run("api-keys", "list", ID, "-e", api.url).out.splitlines()
    assert lines[1].split() == [KEY_ID, "robot", KEY["created_at"], "never", "never"]
    assert run("api-keys", "list", ID, "-e", api.url, "-q").out == f"{KEY_ID}\n"
    assert run("api-keys", "revoke", ID, KEY_ID, "-e", api.url).out == f"revoked {KEY_ID}\n"
    ran = run("api-keys", "revoke", ID, "../../sessions", "-e", api.url)
    assert (ran.status, api.requests[-1][1]) == (1, f"{FOLDER}/..%2F..%2Fsessions")
