"""Pages counted from the start, with the links and counts that Kratos' clients read."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

DEFAULT_SIZE = 250
#: No page begins behind this item; larger numbers are no numbers to a database.
_MOST_OFFSET = 2**31


def whole_number(text: str | None, default: int) -> int:
    """A number of the query; what is none, is the default."""
    try:
        return int(text) if text and len(text) <= 10 else default
    except ValueError:
        return default


def _token_offset(token: str) -> int | None:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return whole_number(str(json.loads(raw)["offset"]), 0)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def offset_token(offset: int) -> str:
    """The token of a page that begins at an offset; it says nothing that the page's number would not."""
    return base64.urlsafe_b64encode(json.dumps({"offset": str(offset), "v": 2}).encode()).rstrip(b"=").decode()


def page_link(request: Request, rel: str, values: Mapping[str, object], without: str = "") -> str:
    """One entry of ``Link``: the request's own address, its page replaced and one parameter left out."""
    kept = [pair for pair in _query(request) if pair[0] not in values and pair[0] != without]
    pairs = [*kept, *((name, str(value)) for name, value in values.items())]
    query = urlencode(sorted(pairs, key=itemgetter(0)))
    return f'<{request.scope["path"]}?{query}>; rel="{rel}"'


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)


@dataclass(frozen=True)
class CountedPage:
    """A page of a list whose length is known.

    Attributes:
        number: counted from 0.
        size: how many items it may hold.
        with_tokens: name pages by token as well as by number.
    """

    request: Request
    number: int
    size: int
    with_tokens: bool = True

    @property
    def offset(self) -> int:
        """How many items come before it."""
        return min(self.number * self.size, _MOST_OFFSET)

    def headers(self, total: int) -> dict[str, str]:
        """``Link`` and ``X-Total-Count``; an empty list has neighbours, as Kratos says."""
        size = min(self.size, total) or self.size
        links = [self._link(rel, number, size) for rel, number in self._neighbours(total, size).items()]
        return {"link": ",".join(links), "x-total-count": str(total)}

    def _neighbours(self, total: int, size: int) -> dict[str, int]:
        last = (total - 1) // size
        if not total:
            # Kratos' first page of nothing has neighbours; ours ends there, so that who follows "next" arrives.
            return {"first": 0, "prev": 0} if self.number > 0 else {"first": 0, "next": 1, "prev": -1}
        if not last:
            return {"first": 0}
        if self.number <= 0:
            return {"next": 1, "last": last}
        if self.number >= last:
            return {"first": 0, "prev": last - 1}
        return {"first": 0, "next": self.number + 1, "prev": self.number - 1, "last": last}

    def _link(self, rel: str, number: int, size: int) -> str:
        values: dict[str, object] = {"page": number, "per_page": size}
        if self.with_tokens:
            values |= {"page_size": size, "page_token": offset_token(max(0, number) * size)}
        return page_link(self.request, rel, values)


def counted_page(request: Request, *, most: int) -> CountedPage:
    """The page that a request asks for, by number or by token; what is no number asks for the first page."""
    query = request.query_params
    size = min(max(1, whole_number(query.get("page_size") or query.get("per_page"), DEFAULT_SIZE)), most)
    offset = _token_offset(query["page_token"]) if query.get("page_token") else None
    number = whole_number(query.get("page"), 0) if offset is None else offset // size
    return CountedPage(request, max(0, number), size)


def numbered_page(request: Request, *, most: int) -> CountedPage:
    """The same by number alone."""
    query = request.query_params
    size = min(max(1, whole_number(query.get("per_page"), DEFAULT_SIZE)), most)
    return CountedPage(request, max(0, whole_number(query.get("page"), 0)), size, with_tokens=False)
