"""Finds out what Argon2id costs on this machine, and which parameters fit it."""

import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

from identity_server.passwords.hashers import Argon2Hasher, default_parallelism

KIB, MIB = 1024, 1024 * 1024
#: Less would not withstand guessing (OWASP asks for 19 MiB with two passes, 46 MiB with one).
LEAST_MEMORY = 19 * MIB
_PASSWORD = b"a password of usual length"
_MOST_ITERATIONS = 100


@dataclass(frozen=True)
class Costs:
    """Parameters of a hash; memory in bytes, lengths in bytes."""

    memory: int
    iterations: int
    parallelism: int
    salt_length: int = 16
    key_length: int = 32

    def hasher(self) -> Argon2Hasher:
        """The hasher with these parameters."""
        return Argon2Hasher(self.memory // KIB, self.iterations, self.parallelism, self.salt_length, self.key_length)


@dataclass(frozen=True)
class Sample:
    """What a load test measured; times in seconds, memory in bytes."""

    total: float
    times: tuple[float, ...]
    memory: int

    @property
    def median(self) -> float:
        """Half of the hashes took no longer."""
        return statistics.median(self.times)

    @property
    def deviation(self) -> float:
        """Standard deviation."""
        return statistics.pstdev(self.times)


#: Hashes once and says how many seconds it took.
Measure = Callable[[Costs], float]


def measure(costs: Costs, password: bytes = _PASSWORD) -> float:
    """Hashes once; seconds."""
    hasher = costs.hasher()
    start = time.perf_counter()
    hasher.hash(password)
    return time.perf_counter() - start


def load_test(costs: Costs, per_minute: int, span: timedelta, most_at_once: int, once: Measure = measure) -> Sample:
    """Starts hashes at an even pace, as people signing in do.

    Args:
        costs: what to hash with.
        per_minute: sign-ins a minute.
        span: for how long.
        most_at_once: hashes that may run together; further ones wait, and their wait counts.
    """
    count = max(1, round(per_minute * span.total_seconds() / 60))
    pause = span.total_seconds() / count
    start = time.perf_counter()

    def one(position: int) -> float:
        due = start + position * pause
        time.sleep(max(0.0, due - time.perf_counter()))
        once(costs)
        return time.perf_counter() - due

    with ThreadPoolExecutor(min(most_at_once, count)) as pool:
        times = tuple(pool.map(one, range(count)))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    return Sample(time.perf_counter() - start, times, used)


@dataclass(frozen=True)
class Wish:
    """What calibration aims at.

    Attributes:
        per_minute: sign-ins a minute.
        duration: how long one hash should take at least.
        deviation: how much longer it may take under load.
        most_memory: bytes for one hash.
        dedicated_memory: bytes for all hashes together.
        step: bytes by which memory is changed.
        at_once: hashes that may run together.
        probes: hashes for one measurement.
        span: how long one load test takes.
    """

    per_minute: int
    duration: timedelta
    deviation: timedelta
    most_memory: int
    dedicated_memory: int
    step: int
    at_once: int
    probes: int
    span: timedelta


def calibrate(start: Costs, wish: Wish, say: Callable[[str], None], once: Measure = measure) -> Costs:
    """Parameters that take about the wished time, alone and under load."""
    costs = _alone(replace(start, memory=min(start.memory, wish.most_memory)), wish, say, once)
    return _under_load(costs, wish, say, once)


def _alone(costs: Costs, wish: Wish, say: Callable[[str], None], once: Measure) -> Costs:
    """The most memory that one hash has time for; then passes, while there is time left."""
    target = wish.duration.total_seconds()
    took = _probe(costs, wish, say, once)
    while took > target and (smaller := _less(costs, wish)) != costs:
        costs = smaller
        took = _probe(costs, wish, say, once)
    while took < target and costs.memory + wish.step <= wish.most_memory:
        larger = replace(costs, memory=costs.memory + wish.step)
        took = _probe(larger, wish, say, once)
        if took > target:
            break
        costs = larger
    took = _probe(costs, wish, say, once)
    while took < target and costs.iterations < _MOST_ITERATIONS:
        costs = replace(costs, iterations=costs.iterations + 1)
        took = _probe(costs, wish, say, once)
    return costs


def _under_load(costs: Costs, wish: Wish, say: Callable[[str], None], once: Measure) -> Costs:
    """Less of everything until sign-ins at the wished rate keep the wished time and memory."""
    most = (wish.duration + wish.deviation).total_seconds()
    while True:
        at_once = max(1, min(wish.at_once, wish.dedicated_memory // costs.memory))
        sample = load_test(costs, wish.per_minute, wish.span, at_once, once)
        say(f"{described(costs)}: {sample.median:.3f}s under load, {at_once} at once")
        if sample.median <= most:
            return costs
        smaller = replace(costs, iterations=costs.iterations - 1) if costs.iterations > 1 else _less(costs, wish)
        if smaller == costs:
            say("This machine cannot hash that often with safe parameters; these are the least.")
            return costs
        costs = smaller


def _less(costs: Costs, wish: Wish) -> Costs:
    step = wish.step if costs.memory > 2 * wish.step else costs.memory // 4
    return replace(costs, memory=max(min(LEAST_MEMORY, costs.memory), costs.memory - step))


def _probe(costs: Costs, wish: Wish, say: Callable[[str], None], once: Measure) -> float:
    took = statistics.median(once(costs) for _ in range(wish.probes))
    say(f"{described(costs)}: {took:.3f}s")
    return took


def described(costs: Costs) -> str:
    """The parameters that change, for a person."""
    return f"memory {costs.memory // MIB}MB, iterations {costs.iterations}"


def lanes(given: int | None) -> int:
    """Lanes as configured, or as the server would choose."""
    return given or default_parallelism()
