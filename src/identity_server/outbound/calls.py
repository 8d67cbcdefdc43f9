"""One exchange of a request: what is asked, and what is asked next after a redirect."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

import httpx2

from identity_server.outbound.errors import OutboundError, Reason

_MOST_URL = 16 * 1024
_MOST_PORT = 65535
#: A name or an IPv4 address in letters, digits, dots, hyphens, underscores; or an IPv6 address.
_HOST = re.compile(rb"[a-z0-9._-]+|[0-9a-f:.]+(%25[a-z0-9]+)?", re.IGNORECASE)
#: The connection's own headers are ours to write.
_OURS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade", "trailer"}
#: The only headers another origin gets to see after a redirect; keys of an API may hide in any other.
_HARMLESS = {"accept", "accept-language", "content-type", "user-agent"}
_USER_AGENT = "identity-server"
_WITH_BODY = {"POST", "PUT", "PATCH"}


@dataclass(frozen=True)
class Call:
    """Addresses and headers may carry keys: none is shown."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> "Call":
        """A call without the headers that are the connection's business."""
        method = method.upper()
        clean = {name: value for name, value in headers.items() if name.lower() not in _OURS}
        return cls(method, url, clean, b"" if content is None and method in _WITH_BODY else content)


def parse(text: str) -> httpx2.URL:
    """An absolute http or https URL.

    Raises:
        OutboundError: it is something else.
    """
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        raise OutboundError(Reason.BAD_ADDRESS) from None
    sound = _HOST.fullmatch(url.raw_host) and (url.port or 1) <= _MOST_PORT and len(text) <= _MOST_URL
    if url.scheme not in ("http", "https") or not sound:
        raise OutboundError(Reason.BAD_ADDRESS)
    return url


def request_headers(call: Call, url: httpx2.URL) -> list[tuple[bytes, bytes]]:
    """The headers as they go out: ours, unless the caller has others.

    Raises:
        OutboundError: a name that is not ASCII, or text that is no Unicode.
    """
    headers = {"User-Agent": _USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
    if url.userinfo:
        pair = f"{unquote(url.username)}:{unquote(url.password)}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    given = {name.lower() for name in call.headers}
    merged = {name: value for name, value in headers.items() if name.lower() not in given} | dict(call.headers)
    try:
        return [(b"Host", url.netloc), *((name.encode("ascii"), value.encode()) for name, value in merged.items())]
    except UnicodeError:
        raise OutboundError(Reason.BAD_REQUEST) from None


def redirected(call: Call, status: int, location: str) -> Call:
    """The next request, as browsers make it: only 307 and 308 send method and body again."""
    old = parse(call.url)
    try:
        new = old.join(location)
    except (httpx2.InvalidURL, ValueError):
        raise OutboundError(Reason.BAD_ADDRESS) from None
    following = replace(call, url=str(new.copy_with(fragment=None)))
    if (old.scheme, old.host, old.port) != (new.scheme, new.host, new.port):
        kept = {name: value for name, value in call.headers.items() if name.lower() in _HARMLESS}
        following = replace(following, headers=kept)
    if status in (307, 308) or call.method in ("GET", "HEAD"):
        return following
    rest = {name: value for name, value in following.headers.items() if name.lower() != "content-type"}
    return replace(following, method="GET", content=None, headers=rest)
