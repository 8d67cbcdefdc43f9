"""Why a snippet gave no value."""

from enum import Enum


class Reason(Enum):
    """What stopped an evaluation."""

    SNIPPET = "the snippet is wrong or raised an error"
    TIMEOUT = "the snippet took too long"
    MEMORY = "the snippet needed too much memory"
    CRASH = "the snippet ended its worker"
    INPUT = "the values given to the snippet are too large or no JSON"
    OUTPUT = "the snippet's result is too large or no JSON"
    BUSY = "too many snippets wait to be run"


class MapperError(Exception):
    """An evaluation without a result.

    Attributes:
        reason: what stopped it.
        detail: the evaluator's own words, for the operator's log. The snippet decides what stands in there, the
            values it was given included: nothing for the answer to a client.
        raised: the text that the snippet itself raised with ``error``, or None.
    """

    def __init__(self, reason: Reason, detail: str = "", raised: str | None = None) -> None:
        self.reason = reason
        self.detail = detail
        self.raised = raised
        super().__init__(reason.value)
