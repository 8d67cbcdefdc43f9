"""The keys and values of a secret as commands give them."""

import base64
import binascii
import re
from collections.abc import Mapping

from juju_sandbox.failures import ToolError

_KEY = re.compile(r"[a-z](?:-?[a-z0-9]){2,}")


def decode(pairs: Mapping[str, str]) -> dict[str, str]:
    """Checks the keys and takes ``key#base64=…`` apart.

    Raises:
        ToolError: A key or an encoding is not allowed.
    """
    content: dict[str, str] = {}
    for key, value in pairs.items():
        if key.endswith("#base64"):
            key, value = key.removesuffix("#base64"), _decoded(key, value)
        if not _KEY.fullmatch(key):
            raise ToolError(
                f'key "{key}" not valid: at least three of a-z, 0-9 and single dashes, beginning with a letter'
            )
        content[key] = value
    return content


def _decoded(key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ToolError(f'value of "{key}" is not base64 of text') from None
