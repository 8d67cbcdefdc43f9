"""T20: bodies that are large, deep or packed are refused without being worked through."""

import gzip
import json

import pytest

from integration.threats.people import PASSWORD
from server_kit import Server

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


async def login(server: Server) -> str:
    return str((await server.public.get("/self-service/login/api")).json()["id"])


async def submit(server: Server, content: bytes, media: str = "application/json", **headers: str) -> tuple[int, str]:
    flow = await login(server)
    sent = {"content-type": media, **headers}
    answer = await server.public.post(f"/self-service/login?flow={flow}", content=content, headers=sent)
    return answer.status_code, answer.text


async def test_t20_five_mebibytes_are_enough(server: Server) -> None:
    body = json.dumps({"method": "password", "identifier": "meg@mail.test", "password": "x" * (5 * MIB)}).encode()
    status, text = await submit(server, body)
    assert status == 400 and "larger than 5242880 bytes" in text


async def test_t20_a_length_that_lies_is_found_out(server: Server) -> None:
    async def endless() -> object:
        for _ in range(100):
            yield b"x" * MIB

    flow = await login(server)
    headers = {"content-type": "application/json"}
    answer = await server.public.post(f"/self-service/login?flow={flow}", content=endless(), headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"transient_payload": ' + '{"a":' * 250 + "1" + "}" * 251,
        '{"transient_payload": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"method": "password", "identifier": ' + "9" * 100_000 + "}",
        '{"method": "password", "identifier": 1e999999}',
        '{"method": "password", "identifier": -' + "9" * 400 + ".1e-400}",
        '{"method": "password", "identifier": {"$ne": ""}, "password": ["a"]}',
        '{"method": ["password"], "password": {}}',
        '{"method": "password", "transient_payload": 7}',
    ],
)
async def test_t20_deep_and_odd_json_is_a_clear_refusal(body: str, server: Server) -> None:
    status, _ = await submit(server, body.encode())
    assert status == 400


async def test_t20_a_thousand_fields_are_enough(server: Server) -> None:
    fields = "&".join(f"f{number}=1" for number in range(1001))
    status, text = await submit(server, fields.encode(), "application/x-www-form-urlencoded")
    assert status == 400 and "too many fields" in text


async def test_t20_packed_bodies_are_not_unpacked(server: Server) -> None:
    body = json.dumps({"method": "password", "identifier": "meg@mail.test", "password": PASSWORD}).encode()
    status, text = await submit(server, gzip.compress(body), **{"content-encoding": "gzip"})
    assert status == 400 and "not valid JSON" in text


async def test_t20_a_query_of_many_parameters_is_refused(server: Server) -> None:
    query = "&".join(f"a{number}=1" for number in range(1001))
    assert (await server.public.get(f"/self-service/login/api?{query}")).status_code == 400


@pytest.mark.parametrize("age", ["9" * 5000, "1e400", "-" + "9" * 30])
async def test_t20_numbers_that_no_computer_holds_do_no_harm(age: str, server: Server) -> None:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    body = '{"method": "password", "password": "wind-9-Mill-Sail", "traits": {"email": "a@b.test", "age": ' + age + "}}"
    headers = {"content-type": "application/json"}
    answer = await server.public.post(f"/self-service/registration?flow={flow}", content=body, headers=headers)
    assert answer.status_code == 400
