"""Pages by position: a sealed token holds where the next one begins.

A token is encrypted and authenticated under the pagination secrets and bound to its list, so that nobody can put
anything into a query by way of one.
"""

from dataclasses import dataclass

from starlette.requests import Request

from identity_server.ciphers.errors import BadToken
from identity_server.ciphers.signing import Keys, seal, unseal
from identity_server.errors import bad_request
from identity_server.web.pagination import page_link

_BETWEEN = "\n"


@dataclass(frozen=True)
class KeysetPage:
    """A page behind a position.

    Attributes:
        purpose: names the list that tokens are good for.
        size: how many items it may hold; ask storage for one more to see whether another page follows.
        position: what the last item before it is sorted by; empty at the beginning.
        replaced: a parameter that ``page_size`` stands for from now on.
    """

    request: Request
    purpose: str
    keys: Keys
    size: int
    position: tuple[str, ...]
    replaced: str = ""

    def headers(self, following: tuple[str, ...] | None) -> dict[str, str]:
        """``Link`` to the first page and, where something follows, to the next."""
        links = [self._link("first", ())]
        if following is not None:
            links.append(self._link("next", following))
        return {"link": ",".join(links)}

    def _link(self, rel: str, position: tuple[str, ...]) -> str:
        token = seal(self.purpose, _BETWEEN.join(position).encode(), self.keys)
        values: dict[str, object] = {"page_size": self.size, "page_token": token}
        return page_link(self.request, rel, values, without=self.replaced)


def keyset_page(
    request: Request,
    purpose: str,
    keys: Keys,
    *,
    parts: int,
    default: int = 250,
    most: int = 500,
    code: int = 400,
    legacy: bool = False,
) -> KeysetPage:
    """The page that a request asks for.

    Args:
        parts: how many values a position has.
        code: ``error.code`` of a refusal.
        legacy: read ``per_page`` where there is no ``page_size``.

    Raises:
        ApiError: 400 for a size that is no number, and for a token that is not ours or of another list.
    """
    query = request.query_params
    replaced = "per_page" if legacy and "page_size" not in query and "page_token" not in query else ""
    text = query.get(replaced or "page_size") or ""
    try:
        size = int(text) if text and len(text) <= 10 else 0 if not text else most
    except ValueError:
        raise bad_request("The query parameter 'page_size' must be a number.", code=code) from None
    size = min(size if size > 0 else default, most)
    token = query.get("page_token")
    position = _position(token, purpose, keys, parts, code) if token else ()
    return KeysetPage(request, purpose, keys, size, position, replaced)


def _position(token: str, purpose: str, keys: Keys, parts: int, code: int) -> tuple[str, ...]:
    try:
        text = unseal(purpose, token, keys).decode()
    except BadToken:
        raise bad_request("The page token is not one that this list gave out.", code=code) from None
    position = tuple(text.split(_BETWEEN)) if text else ()
    if position and len(position) != parts:
        raise bad_request("The page token is not one that this list gave out.", code=code)
    return position
