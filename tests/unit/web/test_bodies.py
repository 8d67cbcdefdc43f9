"""JSON out of bodies."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from identity_server.errors import ApiError
from identity_server.web import bodies
from identity_server.web.requests import too_large

Make = Callable[..., Request]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'{"a": 1} {}', {"a": 1}),
        (b'{"a": 1} trailing "text', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"null", None),
        (b" [1] ", [1]),
        ('{"a": "ü"} ü'.encode(), {"a": "ü"}),
    ],
)
def test_the_first_value_counts(body: bytes, value: Any) -> None:
    assert bodies.parse(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"schema_id=staff",
        b"'a'",
        b'{"a": 1,}',
        b"NaN",
        b"\xff\xfe",
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        b"1e999",
        b"9" * 5000,
        b"[" * 100_000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b"[" * 201 + b"]" * 201,
    ],
)
def test_what_is_no_json_or_too_deep_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        bodies.parse(body)
    assert caught.value.status == 400


def test_depth_is_bounded_and_width_is_not() -> None:
    assert bodies.parse(b"[" * 199 + b"]" * 199)
    assert len(bodies.parse(b"[" + b"{}," * 10_000 + b"{}]")) == 10_001


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(body: bytes) -> None:
    try:
        bodies.parse(body)
    except ApiError as error:
        assert error.status == 400


def test_a_body_need_not_say_that_it_is_json(make_request: Make) -> None:
    request = make_request(body=b'{"a": 1}', content_type="text/plain")
    assert asyncio.run(bodies.read_json(request)) == {"a": 1}


@pytest.mark.parametrize("media", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_a_body_that_says_so_is_read(make_request: Make, media: str) -> None:
    request = make_request(body=b'{"a": 1}', content_type=media)
    assert asyncio.run(bodies.read_declared_json(request)) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "media"),
    [(b"{}", "text/plain"), (b"{}", ""), (b"", "application/json"), (b"{}", "application/x-www-form-urlencoded")],
)
def test_a_body_that_does_not_is_refused(make_request: Make, body: bytes, media: str) -> None:
    with pytest.raises(ApiError) as caught:
        asyncio.run(bodies.read_declared_json(make_request(body=body, content_type=media)))
    assert caught.value.status == 400


def test_a_large_body_is_refused_by_what_it_says_and_by_what_it_is(make_request: Make) -> None:
    for request in (make_request(body=b"{}", content_length="99999999"), make_request(body=b"x" * (6 * 1024 * 1024))):
        with pytest.raises(ApiError) as caught:
            asyncio.run(bodies.read_json(request))
        assert caught.value.status == too_large().status
