from typing import Any

import pytest

from unit.charm.admin_stub import AdminStub


def entry(number: int, identity_id: str, event: str = "LoginFailed", result: str = "failure") -> dict[str, Any]:
    return {
        "id": f"0197000{number}-0000-7000-8000-000000000000",
        "when": f"2026-05-17T09:30:0{number}.000000Z",
        "event": event,
        "result": result,
        "actor": "anonymous",
        "identity_id": identity_id,
        "ip": "192.0.2.7",
        "reason": None,
        "request_id": "r-1",
    }


@pytest.fixture
def person(admin: AdminStub) -> str:
    identity_id = admin.add()
    admin.entries = [
        entry(3, "11111111-2222-4333-8444-555555555555", "IdentityDeleted", "success"),
        entry(2, identity_id, "LoginSucceeded", "success"),
        entry(1, identity_id),
    ]
    return identity_id


def shown(results: dict[str, Any]) -> list[str]:
    return [value for key, value in results.items() if key.endswith(".event")]


def test_the_trail_newest_first(run: Any, person: str) -> None:
    results = run("list-audit")
    assert (results["count"], shown(results)) == ("3", ["IdentityDeleted", "LoginSucceeded", "LoginFailed"])
    first = "events.01970001-0000-7000-8000-000000000000"
    assert results[f"{first}.identity-id"] == person
    assert (results[f"{first}.ip"], results[f"{first}.request-id"]) == ("192.0.2.7", "r-1")
    assert f"{first}.reason" not in results and f"{first}.id" not in results


def test_what_was_done_to_one_person(run: Any, person: str) -> None:
    for chosen in ({"email": "person@shop.test"}, {"identity_id": person.upper()}):
        assert shown(run("list-audit", **chosen)) == ["LoginSucceeded", "LoginFailed"]


def test_an_identity_that_is_gone_can_be_asked_for(run: Any, person: str) -> None:
    assert shown(run("list-audit", identity_id="11111111-2222-4333-8444-555555555555")) == ["IdentityDeleted"]


def test_filters_and_pages(run: Any, admin: AdminStub, person: str) -> None:
    assert shown(run("list-audit", result="success", event="LoginSucceeded", actor="anonymous")) == ["LoginSucceeded"]
    run("list-audit", since="2026-05-17", until="2026-05-18")
    assert admin.queries[-1] == {"since": "2026-05-17", "until": "2026-05-18", "page_size": "50"}
    results = run("list-audit", page_size=2)
    assert shown(run("list-audit", page_size=2, page_token=results["next-page-token"])) == ["LoginFailed"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"email": "person@shop.test", "identity_id": "x"}, "identity-id must be a UUID"),
        (
            {"email": "person@shop.test", "identity_id": "11111111-2222-4333-8444-555555555555"},
            "give either identity-id or email",
        ),
        ({"email": "nobody@shop.test"}, "There is no identity with the e-mail address nobody@shop.test"),
        ({"page_size": 0}, "page_size: "),
        ({"result": "maybe"}, "result: "),
    ],
)
def test_what_cannot_be_asked_for(refusal: Any, person: str, params: dict[str, Any], said: str) -> None:
    assert said in refusal("list-audit", **params)


def test_without_a_trail_it_says_how_to_keep_one(refusal: Any, admin: AdminStub) -> None:
    admin.add()
    assert "set the option enable_audit_trail" in refusal("list-audit", email="person@shop.test")


def test_a_refusal_of_the_server(refusal: Any, admin: AdminStub, person: str) -> None:
    admin.refuse("GET /audit", 400, "'event' must be one of LoginFailed")
    assert refusal("list-audit", event="x") == "The server refuses: 'event' must be one of LoginFailed"
