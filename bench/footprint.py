"""What one worker costs before it is asked anything: how soon it is ready, and the memory it keeps afterwards."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from live_server import LiveServer

READY_SECONDS = 1.5
MEGABYTES = 100
STARTS = 3


@dataclass(frozen=True)
class Footprint:
    """The figures of one worker.

    Attributes:
        ready_seconds: from the start of the process to the first successful answer about readiness, a median.
        megabytes: resident, libraries included, after all that was asked of it.
    """

    ready_seconds: float
    megabytes: float

    @property
    def is_small(self) -> bool:
        """Whether both are within bounds."""
        return self.ready_seconds < READY_SECONDS and self.megabytes < MEGABYTES

    def __str__(self) -> str:
        verdict = "" if self.is_small else "   missed"
        return (
            f"one worker: ready in {self.ready_seconds:.2f} s (less than {READY_SECONDS}), "
            f"{self.megabytes:.1f} MB (less than {MEGABYTES}){verdict}"
        )


def footprint(server: LiveServer) -> Footprint:
    """Reads the memory of a server that has worked, then starts it some times anew."""
    megabytes = _resident_kilobytes(server.process.pid) / 1000
    return Footprint(statistics.median(_ready_seconds(server) for _ in range(STARTS)), megabytes)


def _ready_seconds(server: LiveServer) -> float:
    server.stop()
    began = time.monotonic()
    server.start_again()
    return time.monotonic() - began


def _resident_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
