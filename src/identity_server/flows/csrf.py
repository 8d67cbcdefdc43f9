"""Anti-forgery tokens: a cookie holds a secret, forms carry it masked anew each time.

The cookie's name carries a digest of the public base URL, so that two deployments on one host do not share it.
"""

import base64
import binascii
import hashlib
import secrets

from identity_server.ciphers import comparison
from identity_server.errors import ApiError
from identity_server.flows.caller import Caller

LENGTH = 32
VIOLATION = "security_csrf_violation"
COOKIE_SECONDS = 365 * 24 * 3600


def cookie_name(public_base_url: str) -> str:
    """The name of the cookie of a deployment."""
    return "csrf_token_" + hashlib.sha256(public_base_url.encode()).hexdigest()


def new_secret() -> str:
    """A value for the cookie."""
    return base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def renew(caller: Caller) -> None:
    """Gives a browser a new secret, once in a request: what the request stores and its cookie belong together."""
    if not caller.csrf_renewed:
        caller.csrf_secret, caller.csrf_renewed = new_secret(), True


def _decoded(text: str, length: int) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == length else None


def is_secret(text: str) -> bool:
    """Whether a cookie's value can be one of ours."""
    return _decoded(text, LENGTH) is not None


def masked(secret: str) -> str:
    """The secret under a fresh one-time pad: compression attacks on the page learn nothing."""
    raw = _decoded(secret, LENGTH) or b"\0" * LENGTH
    pad = secrets.token_bytes(LENGTH)
    return base64.b64encode(pad + bytes(a ^ b for a, b in zip(raw, pad, strict=True))).decode()


def matches(secret: str, token: str) -> bool:
    """Whether a form's token belongs to a cookie's secret."""
    raw, both = _decoded(secret, LENGTH), _decoded(token, 2 * LENGTH)
    if raw is None or both is None:
        return False
    pad, cover = both[:LENGTH], both[LENGTH:]
    return comparison.compare(raw, bytes(a ^ b for a, b in zip(pad, cover, strict=True)))


def violation(caller: Caller, *, token_sent: bool = True, secret: str = "") -> ApiError:
    """The refusal of a request without the right pair of cookie and token."""
    details = {"hint": "Browsers must send the anti-forgery cookie and, in the body, the flow's csrf_token."}
    if not caller.header("cookie"):
        details["reject_reason"] = "The request carries no cookies."
    elif secret and not token_sent:
        details["hint"] = "The anti-forgery cookie is there, the token is not."
    else:
        details["reject_reason"] = "Cookie and token do not belong together; remove the cookies and start again."
    return ApiError(
        403,
        "Start the flow anew; this request might not have been sent by you.",
        id=VIOLATION,
        message="The request was refused to protect against cross-site request forgery.",
        details=details,
    )
