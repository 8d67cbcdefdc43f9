"""How a delivery ends when it does not succeed.

Refused       this message did not get through; the attempt counts
Unreachable   nothing gets through at the moment; no message is to blame, and no attempt counts
"""

LONGEST_REASON = 500


class DeliveryError(Exception):
    """A message was not handed over.

    Attributes:
        reason: what happened, for the operator's eyes: it may repeat the other side's words, never a password.
        kind: the same in one safe word or two, for logs. The other side's words stay out of them: a hostile mail
            server could answer with the subject, and thereby the code, of the mail.
    """

    def __init__(self, reason: str, kind: str) -> None:
        clean = " ".join(reason.split())
        self.reason = clean if len(clean) <= LONGEST_REASON else clean[: LONGEST_REASON - 1] + "…"
        self.kind = kind
        super().__init__(self.reason)


class Refused(DeliveryError):
    """The other side answered, and did not take this message."""


class Unreachable(DeliveryError):
    """The other side cannot be reached, does not let us in, or cannot be trusted."""


class InvalidRecipient(ValueError):
    """The text is no address that a message may go to."""
