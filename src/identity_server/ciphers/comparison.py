"""The one constant-time comparison of the server."""

import hmac


def compare(a: str | bytes, b: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that tells nothing about where they differ.

    Text is compared by its UTF-8 bytes; a lone surrogate from a hostile body is no error.
    """
    return hmac.compare_digest(_octets(a), _octets(b))


def _octets(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
