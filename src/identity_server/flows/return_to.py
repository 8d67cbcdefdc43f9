"""Where a browser may be sent: an allow-list of schemes, hosts and paths, nothing clever.

Browsers, servers and libraries read odd addresses differently, and each difference has been somebody's open redirect.
So an address with user information, a backslash, a control character or dot segments never passes, in whatever
encoding; and a path on the list is one of segments, not of letters.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from identity_server.errors import ApiError
from identity_server.flows import host_patterns

_WITH_HOST: Final = ("http", "https")
#: Schemes that run or show what they carry.
_NEVER: Final = frozenset(("javascript", "data", "vbscript", "file", "blob", "about"))
#: Deeper encodings are nobody's address.
_PASSES: Final = 4


def is_safe(url: str) -> bool:
    """Whether an address reads the same to everyone."""
    parts = _split(url)
    if parts is None or "\\" in url or url != url.strip() or not url.isprintable() or url.startswith("//"):
        return False
    return _is_sound(parts) and _is_plain_path(parts.path)


def _is_sound(parts: SplitResult) -> bool:
    if parts.scheme in _NEVER or "@" in parts.netloc or "%" in parts.netloc:
        return False
    return bool(parts.netloc) or parts.scheme not in _WITH_HOST


def _is_plain_path(path: str) -> bool:
    """Whether a path is one in every encoding: no dot segments, backslashes, control characters or second hosts."""
    for _ in range(_PASSES):
        segments = [segment.partition(";")[0] for segment in path.split("/")]
        if "." in segments or ".." in segments or "\\" in path or path.startswith("//") or not path.isprintable():
            return False
        path, before = unquote(path), path
        if path == before:
            return True
    return False


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - a port that is no number raises here
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    return f"{host}:{parts.port}" if parts.port is not None else host


def _path_matches(allowed: str, path: str) -> bool:
    prefix = allowed.rstrip("/")
    return not prefix or path == prefix or path.startswith(prefix + "/")


def is_allowed(url: str, allowed: Iterable[str]) -> bool:
    """Whether an absolute address is on the list."""
    target = _split(url) if is_safe(url) else None
    if target is None:
        return False
    for entry in allowed:
        known = _split(entry)
        if (
            known is not None
            and known.scheme.lower() == target.scheme.lower()
            and host_patterns.matches(_host(known), _host(target))
            and _path_matches(known.path, target.path)
        ):
            return True
    return False


def resolve(url: str, *, base: str, allowed: Iterable[str]) -> str:
    """The absolute address of one that was asked for.

    Args:
        base: gives relative addresses their scheme and host.
        allowed: addresses with the paths below them.

    Raises:
        ApiError: 400 ``self_service_flow_return_to_forbidden`` when it is not on the list.
    """
    if not is_safe(url):
        raise forbidden(url)
    absolute = urljoin(base, url) if not urlsplit(url).scheme else url
    if not is_allowed(absolute, allowed):
        raise forbidden(url)
    return absolute


def forbidden(url: str) -> ApiError:
    """The refusal of an address."""
    return ApiError(
        400,
        f"The return address {url!r} is not on the list of allowed addresses (selfservice.allowed_return_urls).",
        id="self_service_flow_return_to_forbidden",
    )
