"""Pages by position, and their sealed tokens."""

import re
from collections.abc import Callable

import pytest
from starlette.requests import Request

from identity_server.ciphers.signing import Keys, seal
from identity_server.errors import ApiError
from identity_server.web.pagination_keyset import KeysetPage, keyset_page

KEYS = Keys(["a-page-secret"])
Make = Callable[..., Request]


def tokens(page: KeysetPage, following: tuple[str, ...] | None) -> dict[str, str]:
    found = re.findall(r'page_token=([^&>]*)[^>]*>; rel="(\w+)"', page.headers(following)["link"])
    return {rel: token for token, rel in found}


def asked(make_request: Make, query: str = "", keys: Keys = KEYS, **options: object) -> KeysetPage:
    return keyset_page(make_request("/x", query), "page/x", keys, parts=2, **options)  # type: ignore[arg-type]


def test_a_token_leads_to_where_it_was_made(make_request: Make) -> None:
    token = tokens(asked(make_request), ("2026", "id"))["next"]
    assert asked(make_request, f"page_token={token}").position == ("2026", "id")


def test_the_first_token_leads_to_the_beginning(make_request: Make) -> None:
    token = tokens(asked(make_request), None)["first"]
    assert asked(make_request, f"page_token={token}").position == ()


def test_the_last_page_has_no_next(make_request: Make) -> None:
    assert set(tokens(asked(make_request), None)) == {"first"}


def test_a_token_outlives_a_rotation(make_request: Make) -> None:
    token = tokens(asked(make_request), ("a", "b"))["next"]
    rotated = Keys(["a-new-secret", "a-page-secret"])
    assert asked(make_request, f"page_token={token}", rotated).position == ("a", "b")


@pytest.mark.parametrize(
    "token",
    [
        "zebra",
        "00000000-0000-0000-0000-000000000000",
        "x" * 100_000,
        seal("page/y", b"a\nb", KEYS),
        seal("page/x", b"a\nb", Keys(["other"])),
        seal("page/x", b"a", KEYS),
        seal("page/x", b"a\nb\nc", KEYS),
    ],
    ids=["a word", "nobody's id", "too long", "another list", "another secret", "one part", "three parts"],
)
def test_a_token_of_elsewhere_is_refused(make_request: Make, token: str) -> None:
    with pytest.raises(ApiError) as caught:
        asked(make_request, f"page_token={token}")
    assert caught.value.status == 400


def test_a_changed_token_is_refused(make_request: Make) -> None:
    token = tokens(asked(make_request), ("a", "b"))["next"]
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(ApiError):
            asked(make_request, f"page_token={changed}")


@pytest.mark.parametrize(
    ("query", "size"),
    [("", 250), ("page_size=0", 250), ("page_size=-3", 250), ("page_size=7", 7), ("page_size=99999999999999", 500)],
)
def test_sizes(make_request: Make, query: str, size: int) -> None:
    assert asked(make_request, query).size == size


@pytest.mark.parametrize("code", [400, 500])
def test_a_size_that_is_no_number_is_refused(make_request: Make, code: int) -> None:
    with pytest.raises(ApiError) as caught:
        asked(make_request, "page_size=two", code=code)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_the_old_size_is_read_and_renamed(make_request: Make) -> None:
    page = asked(make_request, "per_page=3&a=b", legacy=True)
    assert page.size == 3
    assert "per_page" not in page.headers(None)["link"]


def test_the_old_size_gives_way_to_the_new(make_request: Make) -> None:
    page = asked(make_request, "per_page=3&page_size=4", legacy=True)
    assert page.size == 4
    assert "per_page=3" in page.headers(None)["link"]
