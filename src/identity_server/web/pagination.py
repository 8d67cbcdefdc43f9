"""Pages by number, with the links and counts of Kratos' clients."""

import base64
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

DEFAULT_SIZE = 250


def _number(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default


def _token_offset(token: str) -> int | None:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return max(0, int(json.loads(raw)["offset"]))
    except (ValueError, KeyError, TypeError):
        return None


def offset_token(offset: int) -> str:
    """The token of a page that begins at an offset."""
    return base64.urlsafe_b64encode(json.dumps({"offset": str(offset), "v": 2}).encode()).rstrip(b"=").decode()


@dataclass(frozen=True)
class OffsetPage:
    """A page counted from the start.

    Attributes:
        size: how many items it may hold.
        offset: how many come before it.
        total: how many there are in all.
    """

    path: str
    query: str
    size: int
    offset: int
    total: int

    def _link(self, rel: str, offset: int) -> str:
        kept = [
            (name, value)
            for name, value in parse_qsl(self.query, keep_blank_values=True)
            if name not in ("page", "per_page", "page_size", "page_token")
        ]
        number = offset // self.size if self.size else 0
        own = {"page": number, "per_page": self.size, "page_size": self.size, "page_token": offset_token(offset)}
        query = urlencode(sorted([*kept, *((name, str(value)) for name, value in own.items())]))
        return f'<{self.path}?{query}>; rel="{rel}"'

    def headers(self) -> dict[str, str]:
        """``Link`` and ``X-Total-Count``."""
        size = max(1, self.size)
        last = max(0, (self.total - 1) // size * size)
        links = [self._link("first", 0)]
        if self.total > size:
            links = []
            if self.offset > 0:
                links += [self._link("first", 0), self._link("prev", max(0, self.offset - size))]
            if self.offset + size < self.total:
                links += [self._link("next", self.offset + size), self._link("last", last)]
        return {"link": ",".join(links), "x-total-count": str(self.total)}


def offset_page(request: Request, total: int, *, most: int) -> OffsetPage:
    """The page that a request asks for, by number or by token."""
    query = request.query_params
    size = _number(query.get("page_size") or query.get("per_page"), DEFAULT_SIZE)
    size = min(size if size > 0 else DEFAULT_SIZE, most)
    token = query.get("page_token")
    offset = _token_offset(token) if token else None
    if offset is None:
        offset = max(0, _number(query.get("page"), 0)) * size
    shown = min(size, total) if total else size
    return OffsetPage(request.url.path, request.url.query, shown if not query.get("page_size") else size, offset, total)
