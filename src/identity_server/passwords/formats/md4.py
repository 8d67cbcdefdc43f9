"""MD4 (RFC 1320), which OpenSSL 3 no longer offers. Broken in every way; here only to read old hashes."""

import struct

DIGEST_BYTES = 16
BLOCK_BYTES = 64
_WORD = 0xFFFFFFFF
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
#: For each of the three rounds: its constant, the order of the message words, the shifts.
_ROUNDS = (
    (0x00000000, tuple(range(16)), (3, 7, 11, 19)),
    (0x5A827999, (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13)),
    (0x6ED9EBA1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
)


def md4(message: bytes) -> bytes:
    """The MD4 digest of a message."""
    zeros = bytes((55 - len(message)) % BLOCK_BYTES)
    padded = message + b"\x80" + zeros + struct.pack("<Q", len(message) * 8 & 0xFFFFFFFFFFFFFFFF)
    state = _START
    for offset in range(0, len(padded), BLOCK_BYTES):
        state = _compress(state, struct.unpack_from("<16I", padded, offset))
    return struct.pack("<4I", *state)


def hmac_md4(secret: bytes, message: bytes) -> bytes:
    """HMAC (RFC 2104) over MD4."""
    block = (md4(secret) if len(secret) > BLOCK_BYTES else secret).ljust(BLOCK_BYTES, b"\0")
    inner = md4(bytes(octet ^ 0x36 for octet in block) + message)
    return md4(bytes(octet ^ 0x5C for octet in block) + inner)


def _compress(state: tuple[int, ...], words: tuple[int, ...]) -> tuple[int, ...]:
    a, b, c, d = state
    for turn, (constant, order, shifts) in enumerate(_ROUNDS):
        for step, index in enumerate(order):
            total = a + _mix(turn, b, c, d) + words[index] + constant & _WORD
            shift = shifts[step % 4]
            a, b, c, d = d, (total << shift | total >> 32 - shift) & _WORD, b, c
    return tuple(old + new & _WORD for old, new in zip(state, (a, b, c, d), strict=True))


def _mix(turn: int, x: int, y: int, z: int) -> int:
    if turn == 0:
        return x & y | ~x & z
    if turn == 1:
        return x & y | x & z | y & z
    return x ^ y ^ z
