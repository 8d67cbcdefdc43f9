"""Our JavaScript that stands between forms and the browser's dialogue, and the digest that pages check it by."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

PATH: Final = "/.well-known/ory/webauthn.js"


class Script(NamedTuple):
    """The script.

    Attributes:
        source: as it is sent.
        integrity: of exactly these bytes (Subresource Integrity).
    """

    source: bytes
    integrity: str


@cache
def script() -> Script:
    """The script, read once."""
    source = files("identity_server.methods.security_keys").joinpath("webauthn.js").read_bytes()
    return Script(source, "sha512-" + base64.b64encode(hashlib.sha512(source).digest()).decode())
