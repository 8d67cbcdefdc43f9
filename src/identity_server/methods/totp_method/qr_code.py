"""A QR code as a picture of exactly the size that its node says."""

import base64
import struct
import zlib
from typing import Final

SIDE: Final = 256
#: Light modules around the code, without which readers do not find it (ISO/IEC 18004).
_QUIET: Final = 4
_BITS_OF_A_BYTE: Final = 8


def data_url(text: str) -> str:
    """A PNG of 256 by 256 pixels that says the text."""
    return "data:image/png;base64," + base64.b64encode(png(text)).decode()


def png(text: str) -> bytes:
    """The picture: one bit a pixel, 0 is dark."""
    import segno

    modules = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    scale = max(1, SIDE // (len(modules) + 2 * _QUIET))
    before = (SIDE - scale * len(modules)) // 2
    after = SIDE - scale * len(modules) - before
    light = _line("1" * SIDE)
    body = [
        line
        for row in modules
        for line in [_line("1" * before + "".join("10"[module] * scale for module in row) + "1" * after)] * scale
    ]
    pixels = b"".join([light] * before + body + [light] * after)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _line(bits: str) -> bytes:
    return b"\x00" + int(bits, 2).to_bytes(SIDE // _BITS_OF_A_BYTE, "big")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
