"""The running server as the applications see it; a reload swaps what is in it."""

from dataclasses import dataclass

from identity_server.flows.selfservice import SelfService
from identity_server.services import Services


@dataclass
class Runtime:
    """The current parts; each request reads them once.

    Attributes:
        draining: set when the process was asked to end; readiness says so.
    """

    services: Services
    selfservice: SelfService
    draining: bool = False
