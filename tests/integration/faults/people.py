"""What faults need of people: traffic that notes what was answered, and questions afterwards."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from live_server import PATIENCE, LiveServer, create_identity, native_login

PASSWORD = "wind-9-Mill-Sail"


def session_of(server: LiveServer, email: str = "ada@example.com") -> dict[str, str]:
    """A new account's session, as a header."""
    create_identity(server, email)
    answer = native_login(server, email)
    assert answer.status_code == 200, answer.text
    return {"X-Session-Token": answer.json()["session_token"]}


def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Waits for something to hold; how long it took.

    Raises:
        AssertionError: when it does not within ``seconds``.
    """
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if holds():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"it does not hold after {seconds} s")


def slowness() -> float:
    """How many times longer work takes than it would on a machine with nothing else to do."""
    began, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < 0.2:
        pass
    return max(1.0, (time.monotonic() - began) / 0.2)


def status_of(url: str, headers: dict[str, str] | None = None, seconds: float = 30) -> int:
    """The status of an answer."""
    return httpx2.get(url, headers=headers, timeout=seconds).status_code


def is_ready(server: LiveServer) -> bool:
    """Whether it says that it is."""
    try:
        return status_of(server.admin + "admin/health/ready", seconds=10) == 200
    except httpx2.HTTPError:
        return False


@dataclass
class Traffic:
    """What clients that never stop asking were told.

    Attributes:
        statuses: how often each.
        created: addresses whose account was acknowledged.
        cut: what ended without an answer.
        slowest: the longest time until an answer, in seconds.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    created: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    slowest: float = 0.0


@contextmanager
def asking(url: str, headers: dict[str, str] | None = None, clients: int = 4) -> Iterator[Traffic]:
    """Clients that read all the time; connections are kept where they can be."""
    traffic, stop = Traffic(), threading.Event()

    def ask() -> None:
        with httpx2.Client(timeout=PATIENCE) as client:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    traffic.statuses[client.get(url, headers=headers).status_code] += 1
                except httpx2.HTTPError as error:
                    traffic.cut.append(repr(error))
                    time.sleep(0.02)
                traffic.slowest = max(traffic.slowest, time.monotonic() - began)

    with _threads(ask, clients, stop):
        yield traffic


@contextmanager
def creating(server: LiveServer, prefix: str = "n", clients: int = 4) -> Iterator[Traffic]:
    """Clients that create accounts all the time, and note which were acknowledged."""
    traffic, stop = Traffic(), threading.Event()
    numbers = iter(range(10**9))

    def create() -> None:
        with httpx2.Client(timeout=PATIENCE) as client:
            while not stop.is_set():
                email = f"{prefix}{next(numbers)}@example.com"
                credentials = {"password": {"config": {"password": PASSWORD}}}
                body = {"schema_id": "default", "traits": {"email": email}, "credentials": credentials}
                try:
                    answer = client.post(server.admin + "admin/identities", json=body)
                except httpx2.HTTPError as error:
                    traffic.cut.append(repr(error))
                    time.sleep(0.02)
                    continue
                traffic.statuses[answer.status_code] += 1
                if answer.status_code == 201:
                    traffic.created.append(email)

    with _threads(create, clients, stop):
        yield traffic


@contextmanager
def _threads(work: Callable[[], None], count: int, stop: threading.Event) -> Iterator[None]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def stored(server: LiveServer) -> set[str]:
    """The addresses of all accounts."""
    found: set[str] = set()
    token = ""
    while True:
        query = {"page_size": "500", **({"page_token": token} if token else {})}
        answer = httpx2.get(server.admin + "admin/identities", params=query, timeout=PATIENCE)
        found |= {identity["traits"]["email"] for identity in answer.json()}
        following = answer.links.get("next", {}).get("url", "")
        if not answer.json() or not following:
            return found
        token = dict(httpx2.URL(following).params)["page_token"]
