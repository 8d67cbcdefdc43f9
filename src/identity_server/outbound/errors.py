"""Why a request brought no answer."""

from enum import Enum


class Reason(Enum):
    """What went wrong, for logs and for the choice of an HTTP status; not for the client's eyes."""

    BAD_ADDRESS = "bad address"
    BAD_REQUEST = "bad request"
    REFUSED = "address not allowed"
    UNREACHABLE = "unreachable"
    TIMEOUT = "time-out"
    GARBLED = "no proper HTTP"
    TOO_LARGE = "too large"
    REDIRECTS = "too many redirects"


class OutboundError(Exception):
    """No answer. The text is the same whether an address is forbidden, closed or silent: who chooses an address
    must not learn from it what our network looks like inside.

    Attributes:
        reason: what went wrong.
    """

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__("the other server could not be reached or gave no proper answer")
