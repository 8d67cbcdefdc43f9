"""What proofs reach together."""

import pytest

from identity_server.session.model import Authentication, reached


def proofs(*entries: tuple[str, str]) -> list[Authentication]:
    return [Authentication(method, aal, "2026-11-21T09:30:00.000000Z") for method, aal in entries]


@pytest.mark.parametrize(
    ("entries", "level"),
    [
        ((), "aal0"),
        ((("password", "aal1"),), "aal1"),
        ((("password", "aal1"), ("password", "aal1")), "aal1"),
        ((("password", "aal1"), ("totp", "aal2")), "aal2"),
        ((("totp", "aal2"),), "aal1"),
        ((("totp", "aal2"), ("lookup_secret", "aal2")), "aal1"),
        ((("oidc", "aal2"),), "aal2"),
        ((("password", "aal1"), ("code", "aal2")), "aal2"),
        ((("code", "aal1"), ("code", "aal2")), "aal1"),
        ((("code_recovery", "aal1"), ("code", "aal2")), "aal1"),
        ((("link_recovery", "aal1"), ("code", "aal2"), ("code", "aal1")), "aal1"),
        ((("code_recovery", "aal1"), ("totp", "aal2")), "aal2"),
        ((("code_recovery", "aal1"), ("password", "aal1"), ("code", "aal2")), "aal2"),
    ],
)
def test_two_needs_a_first_and_a_second_factor(entries: tuple[tuple[str, str], ...], level: str) -> None:
    assert reached(proofs(*entries)) == level
