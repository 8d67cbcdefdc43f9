"""The running server as the applications see it; a reload swaps what is in it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from identity_server import contract
from identity_server.background import GRACE_SECONDS
from identity_server.flows.selfservice import SelfService
from identity_server.services import Services
from identity_server.web.metrics import Metrics


@dataclass
class Runtime:
    """The current parts; each request reads them once.

    Attributes:
        deliver: delivers queued messages until it is cancelled; None when another process does.
        metrics: what both listeners count.
        draining: set when the process was asked to end; readiness says so.
    """

    services: Services
    selfservice: SelfService
    deliver: Callable[[], Coroutine[Any, Any, None]] | None = None
    metrics: Metrics = field(default_factory=Metrics)
    draining: bool = False
    retired: list[Services] = field(default_factory=list)

    def start_courier(self) -> "asyncio.Task[None] | None":
        """Begins to deliver messages, when this process is to."""
        if self.deliver is None:
            return None
        return asyncio.create_task(self.deliver())

    @staticmethod
    async def stop_courier(task: "asyncio.Task[None] | None") -> None:
        """Ends delivery; a message in flight is finished or put back."""
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=contract.DRAIN_SECONDS)

    async def close(self, grace: float = GRACE_SECONDS) -> None:
        """Gives up everything that is open.

        Args:
            grace: seconds for what is under way in the background.
        """
        for services in (*self.retired, self.services):
            await services.background.close(min(grace, GRACE_SECONDS))
            await services.jsonnet.close()
            await services.outbound.close()
        await self.services.database.close()
