"""An app trades two codes for its session's token."""

from pathlib import Path

import pytest

from identity_server.flows import exchange
from identity_server.session.model import Session
from integration.mailbox import Time
from integration.threats.people import PASSWORD, enrol, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
START = "/self-service/login/api?return_session_token_exchange_code=true"


async def finished(server: Server, start: str = START) -> tuple[str, str, dict[str, object]]:
    """Both codes of a login that ended in a browser."""
    flow = (await server.public.get(start)).json()
    signed_in = await sign_up(server, "nel@mail.test")
    services, engine = server.runtime.services, server.runtime.selfservice.engine
    row = await services.sessions.row_by_id(signed_in["session"]["id"])
    assert row is not None
    stored = await services.flows.find("login", flow["id"])
    assert stored is not None
    session = Session(*("",) * 7, token=signed_in["session_token"])
    session.id = signed_in["session"]["id"]
    answer = await exchange.finish(engine, stored, "oidc", session)
    assert answer is not None and answer.status == 303
    return flow["session_token_exchange_code"], answer.location.partition("code=")[2], signed_in


async def trade(server: Server, first: str, second: str) -> tuple[int, dict[str, object]]:
    query = {"init_code": first, "return_to_code": second}
    answer = await server.public.get("/sessions/token-exchange", params=query)
    return answer.status_code, answer.json()


async def test_both_codes_are_worth_the_token_once(server: Server) -> None:
    first, second, signed_in = await finished(server)
    status, body = await trade(server, first, second)
    assert (status, body["session_token"]) == (200, signed_in["session_token"])
    assert (await whoami(server.public, **{"x-session-token": str(body["session_token"])})).status_code == 200
    assert (await trade(server, first, second))[0] == 404


async def test_one_code_alone_is_worth_nothing(server: Server) -> None:
    first, second, _ = await finished(server)
    for pair in ((first, first), (second, second), (second, first), (first, second[:-1]), (first + "x", second)):
        assert (await trade(server, *pair))[0] == 404
    for pair in ((first, ""), ("", second), ("", "")):
        assert (await trade(server, *pair))[0] == 400
    assert (await trade(server, first, second))[0] == 200


async def test_before_the_sign_in_there_is_nothing_to_trade(server: Server) -> None:
    flow = (await server.public.get(START)).json()
    assert (await trade(server, flow["session_token_exchange_code"], "anything"))[0] == 404


async def test_a_flow_that_asked_for_no_codes_has_none(server: Server) -> None:
    flow = (await server.public.get("/self-service/login/api")).json()
    assert "session_token_exchange_code" not in flow
    stored = await server.runtime.services.flows.find("login", flow["id"])
    assert stored is not None
    session = Session(*("",) * 7)
    assert await exchange.finish(server.runtime.selfservice.engine, stored, "oidc", session) is None


async def test_the_code_is_shown_when_the_flow_starts_and_never_again(server: Server) -> None:
    flow = (await server.public.get(START)).json()
    again = (await server.public.get(f"/self-service/login/flows?id={flow['id']}")).json()
    assert "session_token_exchange_code" not in again


async def test_an_account_switched_off_in_the_meantime_gets_no_token(server: Server) -> None:
    first, second, signed_in = await finished(server)
    identity = signed_in["identity"]
    assert isinstance(identity, dict)
    patch = [{"op": "replace", "path": "/state", "value": "inactive"}]
    await server.admin.patch(f"/admin/identities/{identity['id']}", json=patch)
    assert (await trade(server, first, second))[0] == 404


async def test_a_session_that_ended_in_the_meantime_is_not_handed_out(server: Server) -> None:
    first, second, signed_in = await finished(server)
    session = signed_in["session"]
    assert isinstance(session, dict)
    assert (await server.admin.delete(f"/admin/sessions/{session['id']}")).status_code == 204
    assert (await trade(server, first, second))[0] == 404


@pytest.mark.parametrize("after", [{"minutes": 11}, {"days": 2}])
async def test_codes_of_a_flow_that_expired_are_worth_nothing(tmp_path: Path, dsn: str, after: dict[str, int]) -> None:
    time = Time()
    short = {"selfservice": {"flows": {"login": {"lifespan": "10m"}}}}
    async with serving(tmp_path, dsn, short, time) as server:
        first, second, _ = await finished(server)
        time.passes(**after)
        assert (await trade(server, first, second))[0] == 404


async def test_before_the_second_factor_nothing_is_told_about_the_person(tmp_path: Path, dsn: str) -> None:
    strict = {
        "session": {"whoami": {"required_aal": "highest_available"}},
        "selfservice": {"methods": {"totp": {"enabled": True, "config": {"issuer": "Test"}}}},
    }
    async with serving(tmp_path, dsn, strict) as server:
        first, second, signed_in = await finished(server)
        await enrol(server, (await server.log_in("nel@mail.test", PASSWORD)).json()["session_token"])
        status, body = await trade(server, first, second)
        assert (status, body["session_token"]) == (200, signed_in["session_token"])
        shown = body["session"]
        assert isinstance(shown, dict) and shown["identity"] is None and "nel@mail.test" not in str(body)
        refused = await whoami(server.public, **{"x-session-token": str(body["session_token"])})
        assert refused.status_code == 403, "the token is good for adding the factor alone"


async def test_the_database_holds_neither_code_nor_token(server: Server) -> None:
    first, second, signed_in = await finished(server)
    found = await server.runtime.services.exchanges.by_codes(first, second, server.runtime.services.now())
    assert found is not None
    text = str(found)
    assert first not in text and second not in text and str(signed_in["session_token"]) not in text
