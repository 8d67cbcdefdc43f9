"""What came back, unpacked within bounds."""

import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass, field

from httpx2 import Headers

from identity_server.outbound.errors import OutboundError, Reason

#: zlib's word for gzip and zlib streams, told apart by their header.
_GZIP_OR_ZLIB = 47


@dataclass(frozen=True)
class Answer:
    """``headers`` ignore case; ``url`` is where the last redirect led."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)


async def read_within(stream: AsyncIterable[bytes], most: int) -> bytes:
    """The bytes of a stream; no more than ``most`` are ever kept.

    Raises:
        OutboundError: there are more.
    """
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > most:
            raise OutboundError(Reason.TOO_LARGE)
    return bytes(body)


def unpack(body: bytes, encoding: str, most: int) -> bytes:
    """The body behind its Content-Encoding. A few kilobytes can unpack to gigabytes; they stop at ``most``.

    Raises:
        OutboundError: an encoding that we did not ask for, a broken body, or too much of it.
    """
    if encoding.strip().lower() in ("", "identity") or not body:
        return body
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise OutboundError(Reason.GARBLED)
    try:
        unpacked = zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, most + 1)
    except zlib.error:
        raise OutboundError(Reason.GARBLED) from None
    if len(unpacked) > most:
        raise OutboundError(Reason.TOO_LARGE)
    return unpacked
