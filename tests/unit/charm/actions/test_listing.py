from typing import Any

import pytest

from unit.charm.admin_stub import AdminStub

MESSAGES = [
    {
        "id": f"00000000-0000-4000-8000-00000000000{number}",
        "status": status,
        "type": "email",
        "recipient": f"{status}@shop.test",
        "template_type": "recovery_code_valid",
        "subject": "Your code is 123456",
        "body": "123456",
        "send_count": number,
    }
    for number, status in enumerate(["queued", "sent", "abandoned"])
]


def ids(results: dict[str, Any], kind: str) -> set[str]:
    return {key.split(".")[1] for key in results if key.startswith(f"{kind}.")}


def test_identities_page_by_page(run: Any, admin: AdminStub) -> None:
    known = {admin.add(email=f"person{number}@shop.test") for number in range(5)}
    seen: set[str] = set()
    token = ""
    for members in (2, 2, 1):
        results = run("list-identities", page_size=2, **({"page_token": token} if token else {}))
        assert results["count"] == str(members)
        seen |= ids(results, "identities")
        token = results.get("next-page-token", "")
    assert seen == known and not token


def test_identities_with_their_traits(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add(credentials={"password": {"config": {"hashed_password": "x"}}})
    results = run("list-identities")
    assert results[f"identities.{identity_id}.traits.email"] == "person@shop.test"
    assert "hashed" not in str(results)


@pytest.mark.parametrize("given", [{"identifier": "ann@shop.test"}, {"similar": "ann"}])
def test_identities_found(run: Any, admin: AdminStub, given: dict[str, str]) -> None:
    wanted = admin.add(email="ann@shop.test")
    admin.add(email="bob@shop.test")
    assert ids(run("list-identities", **given), "identities") == {wanted}


def test_no_identities(run: Any, admin: AdminStub) -> None:
    assert run("list-identities") == {"count": "0"}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"identifier": "a", "similar": "b"}, "give either identifier or similar"),
        ({"page_size": 0}, "page_size: "),
        ({"page_size": 251}, "page_size: "),
    ],
)
def test_identities_that_cannot_be_asked_for(refusal: Any, params: dict[str, Any], said: str) -> None:
    assert said in refusal("list-identities", **params)


def test_sessions(run: Any, admin: AdminStub) -> None:
    identity_id = admin.add()
    admin.sessions[identity_id] = 2
    results = run("list-sessions", email="person@shop.test", active=True)
    assert (results["identity-id"], results["count"]) == (identity_id, "2")
    first = next(iter(ids(results, "sessions")))
    assert results[f"sessions.{first}.devices"] == "10.0.0.1 curl"
    assert results[f"sessions.{first}.active"] == "true"


def test_messages_without_their_text(run: Any, admin: AdminStub) -> None:
    admin.messages = MESSAGES
    results = run("list-courier-messages")
    assert ids(results, "messages") == {str(one["id"]) for one in MESSAGES}
    assert "123456" not in str(results)


@pytest.mark.parametrize("given", [{"status": "queued"}, {"recipient": "queued@shop.test"}])
def test_messages_found(run: Any, admin: AdminStub, given: dict[str, str]) -> None:
    admin.messages = MESSAGES
    assert ids(run("list-courier-messages", **given), "messages") == {str(MESSAGES[0]["id"])}


@pytest.mark.parametrize("name", ["list-identities", "list-courier-messages"])
def test_a_refusal_of_the_server(refusal: Any, admin: AdminStub, name: str) -> None:
    admin.refuse("GET .*", 400, "the page token is not valid")
    assert refusal(name, page_token="x") == "The server refuses: the page token is not valid"
