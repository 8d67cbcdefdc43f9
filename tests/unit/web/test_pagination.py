"""Pages by number: the links of the recordings."""

import re
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from identity_server.web.pagination import CountedPage, counted_page, numbered_page, offset_token


def links(page: CountedPage, total: int) -> dict[str, int]:
    found = re.findall(r'<[^?]*\?([^>]*)>; rel="(\w+)"', page.headers(total)["link"])
    return {rel: int(parse_qs(query)["page"][0]) for query, rel in found}


@pytest.mark.parametrize(
    ("page", "size", "total", "expected"),
    [
        (0, 2, 5, {"next": 1, "last": 2}),
        (1, 2, 5, {"first": 0, "next": 2, "prev": 0, "last": 2}),
        (2, 2, 5, {"first": 0, "prev": 1}),
        (3, 2, 5, {"first": 0, "prev": 1}),
        (9, 2, 5, {"first": 0, "prev": 1}),
        (0, 5, 5, {"first": 0}),
        (1, 250, 5, {"first": 0}),
        (0, 250, 0, {"first": 0, "next": 1, "prev": -1}),
        (1, 250, 0, {"first": 0, "prev": 0}),
        (0, 2, 2, {"first": 0}),
        (0, 1, 2, {"next": 1, "last": 1}),
    ],
)
def test_links(make_request: object, page: int, size: int, total: int, expected: dict[str, int]) -> None:
    assert links(CountedPage(make_request("/x"), page, size), total) == expected  # type: ignore[operator]


def test_a_short_list_says_its_length(make_request: object) -> None:
    headers = CountedPage(make_request("/x", "page=0&per_page=250"), 0, 250).headers(3)  # type: ignore[operator]
    assert "page_size=3" in headers["link"] and "per_page=3" in headers["link"]
    assert headers["x-total-count"] == "3"


def test_other_parameters_stay(make_request: object) -> None:
    link = CountedPage(make_request("/x", "active=true&page=1&a=b&a=c"), 1, 10).headers(100)["link"]  # type: ignore[operator]
    assert "a=b&a=c&active=true&page=0" in link


@pytest.mark.parametrize(
    ("query", "number", "size"),
    [
        ("", 0, 250),
        ("page=3&per_page=10", 3, 10),
        ("page_size=10", 0, 10),
        (f"page_size=10&page_token={offset_token(30)}", 3, 10),
        ("page_token=zebra", 0, 250),
        ("page=two&per_page=x", 0, 250),
        ("per_page=-1", 0, 1),
        ("per_page=0", 0, 1),
        ("page=-4", 0, 250),
        ("per_page=99999", 0, 1000),
        ("page=99999999999999999999", 0, 250),
    ],
)
def test_what_is_asked_for(make_request: object, query: str, number: int, size: int) -> None:
    page = counted_page(make_request("/x", query), most=1000)  # type: ignore[operator]
    assert (page.number, page.size) == (number, size)


def test_numbers_alone_have_no_tokens(make_request: object) -> None:
    page = numbered_page(make_request("/x", "page=0&per_page=2"), most=500)  # type: ignore[operator]
    assert "page_token" not in page.headers(5)["link"]


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_query_breaks_a_page(page: str, size: str, token: str) -> None:
    from urllib.parse import urlencode

    query = urlencode({"page": page, "per_page": size, "page_token": token}).encode()
    asked = counted_page(Request({"type": "http", "path": "/", "query_string": query, "headers": []}), most=1000)
    assert 0 <= asked.offset <= 2**31
    assert 1 <= asked.size <= 1000
    asked.headers(17)
