from typing import Any

import pytest
from ops import testing

from unit.charm.admin_stub import AdminStub


@pytest.mark.parametrize(("sessions", "ended"), [(2, "true"), (0, "false")])
def test_invalidate_identity_sessions(run: Any, admin: AdminStub, sessions: int, ended: str) -> None:
    identity_id = admin.add()
    if sessions:
        admin.sessions[identity_id] = sessions
    results = run("invalidate-identity-sessions", email="person@shop.test")
    assert results == {"identity-id": identity_id, "invalidated": ended}
    assert admin.sessions == {}


def test_no_sessions_is_said_in_the_log(run: Any, admin: AdminStub, context: testing.Context[Any]) -> None:
    identity_id = admin.add()
    run("invalidate-identity-sessions", identity_id=identity_id)
    assert context.action_logs == [f"The identity {identity_id} has no sessions"]


def test_a_refusal_of_the_server(refusal: Any, admin: AdminStub) -> None:
    admin.add()
    admin.refuse("DELETE .*", 500, "out of order")
    assert refusal("invalidate-identity-sessions", email="person@shop.test") == "The server refuses: out of order"
