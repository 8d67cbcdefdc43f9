"""Documents that the configuration points to: ``file://``, ``base64://``, ``http(s)://``."""

import base64
import binascii
import os
import stat
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from identity_server.configuration.secrecy import without_password

MEBIBYTE = 1024 * 1024

#: Gets a URL and returns its body, refusing more bytes than the limit.
HttpGet = Callable[[str, int], bytes]
AsyncHttpGet = Callable[[str, int], Awaitable[bytes]]
_FORMS = "file:///PATH, base64://DATA, http://… or https://…"


class UnreadableSource(ValueError):
    """A document that cannot be had; the text names the address and the reason, never the content."""


def shown(uri: str) -> str:
    """The address as it may stand in a log: no inline data, no password."""
    if uri.startswith("base64://"):
        return "base64://…"
    return without_password(uri) if "://" in uri else uri[:100]


def read_uri(uri: str, *, limit: int = MEBIBYTE, http_get: HttpGet | None = None) -> bytes:
    """The document at ``uri``.

    Args:
        uri: its address.
        limit: the most bytes to take.
        http_get: gets web addresses; without it they are refused.

    Raises:
        UnreadableSource: when it is missing, too large, or no address of a known form.
    """
    if is_web(uri):
        if http_get is None:
            raise UnreadableSource(f"{shown(uri)}: web addresses cannot be used here; allowed: file:// and base64://")
        return _limited(uri, http_get(uri, limit), limit)
    return _local(uri, limit)


async def fetch_uri(uri: str, *, limit: int = MEBIBYTE, http_get: AsyncHttpGet) -> bytes:
    """As ``read_uri``, for use in an event loop."""
    if is_web(uri):
        return _limited(uri, await http_get(uri, limit), limit)
    return _local(uri, limit)


def is_web(uri: str) -> bool:
    """Whether an address needs the network."""
    return uri[:8].lower().startswith(("http://", "https://"))


def _local(uri: str, limit: int) -> bytes:
    scheme, separator, rest = uri.partition("://")
    if separator and scheme.lower() == "file":
        return _file(uri, unquote(rest), limit)
    if separator and scheme.lower() == "base64":
        return _inline(uri, rest, limit)
    if not separator:
        raise UnreadableSource(f"{shown(uri)}: a bare path is not an address; write file://{shown(uri)}")
    raise UnreadableSource(f"{shown(uri)}: unknown form of address; allowed: {_FORMS}")


def _file(uri: str, path: str, limit: int) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            # A pipe or device may never end.
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UnreadableSource(f"{shown(uri)}: is not a regular file")
            return _limited(uri, stream.read(limit + 1), limit)
    except (OSError, ValueError) as error:
        if isinstance(error, UnreadableSource):
            raise
        raise UnreadableSource(f"{shown(uri)}: {getattr(error, 'strerror', None) or 'not a path'}") from None


def _inline(uri: str, text: str, limit: int) -> bytes:
    if len(text) > limit * 4 // 3 + 4:
        raise UnreadableSource(f"{shown(uri)}: holds more than {limit} bytes")
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableSource(f"{shown(uri)}: is not valid base64") from None
    return _limited(uri, data, limit)


def _limited(uri: str, data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise UnreadableSource(f"{shown(uri)}: holds more than {limit} bytes")
    return data
