"""Where a browser may be sent: an allow-list of schemes, hosts and paths, nothing clever.

A path is compared segment by segment after dot segments are refused, and an address with user information, a
backslash or a control character never passes: browsers and servers read those differently.
"""

from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from identity_server.errors import ApiError

_SUSPICIOUS = ("\\", "\t", "\n", "\r", "\0")


def is_safe(url: str) -> bool:
    """Whether an address reads the same to everyone: no user information, no dot segments, no control characters."""
    decoded = unquote(unquote(url))
    if any(ord(character) < 0x20 or character in _SUSPICIOUS for character in decoded):
        return False
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - a port that is no number raises here
    except ValueError:
        return False
    if "@" in parts.netloc or (parts.scheme and not parts.netloc and parts.scheme in ("http", "https")):
        return False
    return ".." not in unquote(unquote(parts.path)).split("/") and not url.startswith("//")


def _host_matches(allowed: str, host: str) -> bool:
    if allowed.startswith("*."):
        suffix = allowed[1:]
        return suffix.count(".") >= 2 and host.endswith(suffix) and host != suffix
    return allowed == host


def _path_matches(allowed: str, path: str) -> bool:
    prefix = allowed.rstrip("/")
    return not prefix or path == prefix or path.startswith(prefix + "/")


def _netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    return f"{host}:{parts.port}" if parts.port else host


def is_allowed(url: str, allowed: Iterable[str]) -> bool:
    """Whether an absolute address is on the list."""
    if not is_safe(url):
        return False
    target = urlsplit(url)
    for entry in allowed:
        known = urlsplit(entry)
        if (
            known.scheme.lower() == target.scheme.lower()
            and _host_matches(_netloc(known), _netloc(target))
            and _path_matches(known.path, target.path)
        ):
            return True
    return False


def resolve(url: str, *, default: str, allowed: Iterable[str], public_base_url: str) -> str:
    """The address to send a browser to.

    Args:
        url: what was asked for; relative values take scheme and host of ``default``; empty means ``default``.

    Raises:
        ApiError: 400 ``self_service_flow_return_to_forbidden`` when it is not on the list.
    """
    if not url:
        return default
    absolute = urljoin(default, url) if is_safe(url) else url
    own = (public_base_url,)
    if url.startswith("/") and is_safe(url) and urlsplit(default).netloc:
        return absolute
    if not is_allowed(absolute, (*allowed, *own)):
        raise forbidden(url)
    return absolute


def forbidden(url: str) -> ApiError:
    """The refusal of an address."""
    return ApiError(
        400,
        f"The return address {url!r} is not on the list of allowed addresses (selfservice.allowed_return_urls).",
        id="self_service_flow_return_to_forbidden",
    )
