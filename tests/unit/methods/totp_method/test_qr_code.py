"""The QR code is a picture of the size that its node says, and says what it should."""

import base64
import struct
import zlib

import pytest
import segno

from identity_server.methods.totp_method import qr_code

URLS = ["x", "otpauth://totp/Site:ada@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "ä" * 300, "a" * 2300]


def pixels(png: bytes) -> list[list[int]]:
    """The picture, read by the rules of the format."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + content),)
        chunks[name], at = content, at + 12 + length
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (256, 256, 1, 0, 0, 0, 0)
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == 256 * 33
    lines = [rows[start + 1 : start + 33] for start in range(0, len(rows), 33)]
    assert {rows[start] for start in range(0, len(rows), 33)} == {0}
    return [[(byte >> bit) & 1 for byte in line for bit in range(7, -1, -1)] for line in lines]


@pytest.mark.parametrize("url", URLS)
def test_every_module_is_where_it_belongs_and_all_around_is_light(url: str) -> None:
    picture = pixels(qr_code.png(url))
    matrix = [list(row) for row in segno.make_qr(url, error="m").matrix]
    scale = 256 // (len(matrix) + 8)
    start = (256 - scale * len(matrix)) // 2
    for y in range(256):
        for x in range(256):
            row, column = (y - start) // scale, (x - start) // scale
            inside = 0 <= row < len(matrix) and 0 <= column < len(matrix)
            assert picture[y][x] == (1 - matrix[row][column] if inside else 1)


def test_it_is_a_data_url() -> None:
    url = qr_code.data_url("x")
    assert url.startswith("data:image/png;base64,")
    assert base64.b64decode(url.partition(",")[2]) == qr_code.png("x")
