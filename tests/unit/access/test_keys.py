"""Admin keys: who is let in, and to what."""

import pytest

from identity_server.access import keys
from identity_server.access.keys import AdminKey
from identity_server.errors import ApiError

NOW = "2026-06-01T00:00:00.000000Z"
KEY = keys.PREFIX + "aB3" * 13 + "z"


def a_key(**changes: object) -> AdminKey:
    return AdminKey(**{"name": "ops", "key_hash": keys.digest(KEY), **changes})  # type: ignore[arg-type]


def admitted(
    known: list[AdminKey], sent: str = f"Bearer {KEY}", method: str = "GET", path: str = "/admin/identities"
) -> str:
    found = keys.check(known, sent, method, path, NOW)
    return found.name if found else "everybody"


def refusal(*args: object, **more: object) -> int:
    with pytest.raises(ApiError) as caught:
        admitted(*args, **more)  # type: ignore[arg-type]
    return caught.value.status


def test_without_any_key_everybody_may() -> None:
    assert admitted([], "") == "everybody"


@pytest.mark.parametrize("sent", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER  {KEY} "])
def test_the_right_key_opens(sent: str) -> None:
    assert admitted([a_key()], sent) == "ops"


@pytest.mark.parametrize(
    "sent", ["", "Bearer", f"Basic {KEY}", f"Bearer {KEY[:-1]}", f"Bearer {KEY}x", f"Bearer {KEY.swapcase()}", KEY]
)
def test_anything_else_does_not(sent: str) -> None:
    assert refusal([a_key()], sent) == 401


def test_a_key_ends() -> None:
    assert admitted([a_key(expires_at="2026-06-01T00:00:00.000001Z")]) == "ops"
    assert refusal([a_key(expires_at=NOW)]) == 401


@pytest.mark.parametrize(
    ("scopes", "method", "path", "allowed"),
    [
        (("read",), "GET", "/admin/identities", True),
        (("read",), "HEAD", "/admin/sessions", True),
        (("read",), "POST", "/admin/identities", False),
        (("write",), "GET", "/admin/identities", False),
        (("identities:read",), "GET", "/admin/identities/x", True),
        (("identities:read",), "GET", "/admin/sessions", False),
        (("identities:read", "recovery:write"), "POST", "/admin/recovery/code", True),
        (("identities:write",), "DELETE", "/admin/identities/x/sessions", True),
        (("identities:write",), "BREW", "/admin/sessions", False),
    ],
)
def test_a_key_does_what_its_scopes_say(scopes: tuple[str, ...], method: str, path: str, allowed: bool) -> None:
    if allowed:
        assert admitted([a_key(scopes=scopes)], method=method, path=path) == "ops"
    else:
        assert refusal([a_key(scopes=scopes)], method=method, path=path) == 403


@pytest.mark.parametrize(
    "path", ["/admin/health/alive", "/admin/health/ready", "/admin/version", "/admin/metrics/prometheus"]
)
def test_monitoring_needs_no_key(path: str) -> None:
    assert admitted([a_key()], "", path=path) == "everybody"


def test_keys_of_the_configuration_are_kept_as_digests() -> None:
    plain, hashed = keys.configured(
        [
            {"name": "a", "key": KEY, "expires_at": "2030-01-01T01:00:00+01:00"},
            {"name": "b", "key_hash": f"sha256:{keys.digest(KEY)}", "scopes": ["read"]},
        ]
    )
    assert plain.key_hash == hashed.key_hash == keys.digest(KEY)
    assert (plain.expires_at, plain.scopes) == ("2030-01-01T00:00:00.000000Z", ("read", "write"))
    assert KEY not in repr(plain)
    assert plain.key_hash not in repr(plain)
