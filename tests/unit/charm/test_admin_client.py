from typing import Any

import pytest

from identity_charm.admin_client import AdminClient, AdminError, NotFound
from unit.charm.admin_stub import AdminStub


def test_a_token_goes_along(admin: AdminStub) -> None:
    AdminClient(token="key").identities_of("a")
    assert admin.headers[-1]["Authorization"] == "Bearer key"


def test_without_a_token_nothing_goes_along(admin: AdminStub) -> None:
    AdminClient().identities_of("a")
    assert "Authorization" not in admin.headers[-1]


def test_a_proxy_of_the_model_sees_no_password(admin: AdminStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert AdminClient().identities_of("a") == []


@pytest.mark.parametrize("hostile", ["../sessions", "a/b", "a?b=c", "a#b", "%2e%2e"])
def test_an_id_is_one_segment_of_the_path(admin: AdminStub, hostile: str) -> None:
    with pytest.raises(NotFound):
        AdminClient().identity(hostile)
    (call,) = admin.calls
    assert call.count("/") == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"message": "short", "reason": "long"}}, "long"),
        ({"error": {"message": "short", "reason": ""}}, "short"),
        ({"error": {}}, "the server answered 418"),
        ({"error": "text"}, "the server answered 418"),
        (["list"], "the server answered 418"),
        ("<html>", "the server answered 418"),
    ],
)
def test_the_reason_of_a_refusal(admin: AdminStub, body: Any, reason: str) -> None:
    admin.refusals[".*"] = (418, body)
    with pytest.raises(AdminError) as refused:
        AdminClient().identities_of("a")
    assert (refused.value.status, refused.value.reason) == (418, reason)


def test_an_answer_that_is_not_json(admin: AdminStub) -> None:
    admin.refusals[".*"] = (200, "<html>")
    with pytest.raises(AdminError, match="not JSON"):
        AdminClient().identities_of("a")


def test_a_redirect_is_not_followed(admin: AdminStub) -> None:
    admin.refusals[".*"] = (307, None)
    with pytest.raises(AdminError, match="the server answered 307"):
        AdminClient().identities_of("a")
