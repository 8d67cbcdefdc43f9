"""Counts and times of requests, kept in one dictionary and put into Prometheus' words when somebody asks.

Labels hold the pattern of a route, never its values: an id in a label would be kept for ever, and shown.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from identity_server.version import VERSION

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BYTES = (100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0)
#: Whoever makes up methods or paths gets one label for all of them.
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))
UNKNOWN = "unknown"


@dataclass(slots=True)
class _Histogram:
    bounds: tuple[float, ...]
    counts: list[int]
    total: float = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def merge(self, other: "_Histogram") -> None:
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def buckets(self) -> list[tuple[str, float]]:
        """Counts of all values up to each bound."""
        shown: list[tuple[str, float]] = []
        reached = 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            reached += count
            shown.append((bound, reached))
        return shown


def _histogram(bounds: tuple[float, ...]) -> _Histogram:
    return _Histogram(bounds, [0] * (len(bounds) + 1))


@dataclass(slots=True)
class _Entry:
    seconds: _Histogram = field(default_factory=lambda: _histogram(SECONDS))
    received: _Histogram = field(default_factory=lambda: _histogram(BYTES))
    sent: _Histogram = field(default_factory=lambda: _histogram(BYTES))


class Metrics:
    """What a server counts."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, int], _Entry] = {}

    def observe(self, endpoint: str, method: str, status: int, seconds: float, received: int, sent: int) -> None:
        """Counts one request.

        Args:
            endpoint: the pattern of its route.
            received, sent: bytes of the bodies.
        """
        key = (endpoint or UNKNOWN, method if method in METHODS else UNKNOWN, status)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry()
        entry.seconds.add(seconds)
        entry.received.add(received)
        entry.sent.add(sent)

    def shown(self, accept: str) -> tuple[bytes, str]:
        """All metrics as text, and its media type: OpenMetrics for those who ask for it."""
        from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
        from prometheus_client.exposition import choose_encoder

        registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        registry.register(self)  # type: ignore[arg-type]
        encoder, media_type = choose_encoder(accept)
        return encoder(registry), media_type

    def collect(self) -> Iterable[Any]:
        """The families that Kratos has, under its names."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        def histogram(name: str, words: str, part: str, *by: str) -> Any:
            family = HistogramMetricFamily(name, words, labels=[*_FIXED, *by])
            for labels, found in self._grouped(part, by).items():
                family.add_metric([*_FIXED.values(), *labels], found.buckets(), found.total)
            return family

        def counter(name: str, words: str, *by: str) -> Any:
            family = CounterMetricFamily(name, words, labels=[*_FIXED, *by])
            for labels, found in self._grouped("seconds", by).items():
                family.add_metric([*_FIXED.values(), *labels], sum(found.counts))
            return family

        yield histogram("http_response_time_seconds", "Duration of requests.", "seconds", "endpoint")
        yield counter("http_requests", "Requests.", "code", "method", "endpoint")
        yield counter("http_requests_statuses", "Requests by kind of answer.", "method", "status_bucket")
        yield histogram(
            "http_requests_duration_seconds", "Duration of requests.", "seconds", "code", "method", "endpoint"
        )
        yield histogram("http_response_size_bytes", "Size of answers.", "sent", "code", "method")
        yield histogram("http_requests_size_bytes", "Size of requests.", "received", "code", "method")

    def _grouped(self, part: str, by: tuple[str, ...]) -> dict[tuple[str, ...], _Histogram]:
        groups: dict[tuple[str, ...], _Histogram] = {}
        for (endpoint, method, status), entry in self._entries.items():
            values = {
                "endpoint": endpoint,
                "method": method,
                "code": str(status),
                "status_bucket": f"{status // 100}xx",
            }
            found: _Histogram = getattr(entry, part)
            group = groups.setdefault(tuple(values[name] for name in by), _histogram(found.bounds))
            group.merge(found)
        return groups


#: On every series, as Kratos has them.
_FIXED = {"app": "kratos", "version": VERSION, "hash": "", "buildTime": ""}
