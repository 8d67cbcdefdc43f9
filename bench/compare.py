"""Compares the server with the ceiling of its stack, in alternating rounds of one run.

    python bench/compare.py                       # every profile, 3 rounds of 2 s, 1 000 identities
    python bench/compare.py whoami create         # profiles by a word of their name
    python bench/compare.py --identities 1000 1000000 list get
    BENCH_DSN=postgres://user:password@127.0.0.1:5432/ python bench/compare.py

Needs wrk (apt-get install wrk) and PostgreSQL: its own, started for the run, unless BENCH_DSN names a server.
Exits with 1 when a floor is missed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parent)]

import httpx2  # noqa: E402
import psycopg  # noqa: E402
from filling import fill  # noqa: E402
from footprint import Footprint, footprint  # noqa: E402
from processes import cpu_seconds  # noqa: E402
from profiles import CEILING, Profile, Target, as_json, chosen  # noqa: E402

import postgres  # noqa: E402
from live_server import create_identity, free_port, live_server, native_login  # noqa: E402

HERE = Path(__file__).parent
CONNECTIONS = 16
PASSWORD = "wind-9-Mill-Sail"


@contextlib.contextmanager
def database_server() -> Iterator[str]:
    """The DSN of a PostgreSQL server, without a database at its end."""
    if os.environ.get("BENCH_DSN"):
        yield os.environ["BENCH_DSN"]
        return
    if reason := postgres.missing():
        raise SystemExit(reason)
    with postgres.server() as dsn:
        yield dsn


@contextlib.contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """The DSN of an empty database."""
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{server}{name}?sslmode=disable"
    finally:
        with psycopg.connect(server + "postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextlib.contextmanager
def ceiling_server(dsn: str) -> Iterator[tuple[str, int]]:
    """The address of the ceiling, and its process."""
    port = free_port()
    environment = {**os.environ, "CEILING_DSN": dsn}
    subprocess.run([sys.executable, str(HERE / "ceiling.py"), "prepare"], env=environment, check=True)
    command = [
        *(str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--loop", "uvloop"),
        *("--workers", "1", "--no-access-log", "--host", "127.0.0.1", "--port", str(port), "ceiling:application"),
    ]
    process = subprocess.Popen(command, env=environment, cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait(url)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            httpx2.get(url, headers={"X-Session-Token": "ceiling-token"}, timeout=2)
            return
        except httpx2.HTTPError:
            time.sleep(0.05)
    raise SystemExit("the ceiling does not answer")


@dataclass(frozen=True)
class Reached:
    """What one part of a round gave: requests a second, and processor seconds a request."""

    rate: float
    cost: float


@dataclass(frozen=True)
class Result:
    """Medians over all rounds.

    Attributes:
        share: of the ceiling's rate.
        cpu_share: the ceiling's processor time a request, as a share of ours.
        rate: requests a second.
    """

    share: float
    cpu_share: float
    rate: float


def reach(profile: Profile, target: Target, pid: int, seconds: int, folder: Path) -> Reached:
    """Asks for some seconds.

    Raises:
        SystemExit: when an answer was not a success.
    """
    script = folder / "profile.lua"
    script.write_text(profile.script(target), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), profile.url(target)]
    before = cpu_seconds(pid)
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    worked = cpu_seconds(pid) - before
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", told):
        raise SystemExit(f"{profile.name}: {failed[0]}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    total = re.search(r"(\d+) requests in", told)
    assert rate and total, told
    return Reached(float(rate[1]), worked / max(1, int(total[1])))


def measure(
    profiles: list[Profile], target: Target, pids: tuple[int, int], arguments: argparse.Namespace, folder: Path
) -> dict[str, Result]:
    """Measures each profile right after the ceiling, round by round."""
    server, ceiling = pids
    rounds: dict[str, list[tuple[Reached, Reached]]] = {profile.name: [] for profile in profiles}
    for _ in range(arguments.rounds):
        for profile in profiles:
            most = reach(CEILING, target, ceiling, arguments.seconds, folder)
            rounds[profile.name].append((most, reach(profile, target, server, arguments.seconds, folder)))
    return {
        name: Result(
            share=statistics.median(ours.rate / most.rate for most, ours in pairs),
            cpu_share=statistics.median(most.cost / max(ours.cost, 1e-9) for most, ours in pairs),
            rate=statistics.median(ours.rate for _, ours in pairs),
        )
        for name, pairs in rounds.items()
    }


def run(
    size: int, profiles: list[Profile], arguments: argparse.Namespace, server: str
) -> tuple[dict[str, Result], Footprint]:
    """Measures a server whose database holds so many identities."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        database(server, f"bench_{os.getpid()}") as dsn,
        live_server(Path(name), dsn, dev=False) as live,
        ceiling_server(dsn) as (ceiling_url, ceiling_pid),
    ):
        print(f"filling the database with {size} identities", file=sys.stderr)
        known = fill(dsn, size)
        create_identity(live, "bench@example.com", PASSWORD)
        token = native_login(live, "bench@example.com", PASSWORD).json()["session_token"]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        target = Target(
            public=live.public,
            admin=live.admin,
            ceiling=ceiling_url,
            session_token=token,
            ids=known.ids,
            emails=known.emails,
            middle_token=known.token(live.config, 0.5),
            last_token=known.token(live.config, 1 - 250 / max(size, 251)),
        )
        results = measure(profiles, target, (live.process.pid, ceiling_pid), arguments, Path(name))
        return results, footprint(live)


def show(results: dict[int, dict[str, Result]], profiles: list[Profile]) -> bool:
    """Prints the table; whether every floor is held."""
    sizes = list(results)
    header = "".join(f"{f'share at {size}':>18} {'by CPU':>7} {'rate':>8}" for size in sizes)
    print(f"{'work':<26}{header} {'floor':>7} {'Kratos':>7}" + ("  slower  by CPU" if len(sizes) > 1 else ""))
    held = True
    for profile in profiles:
        found = [results[size][profile.name] for size in sizes]
        cells = "".join(f"{each.share:>18.3f} {each.cpu_share:>7.2f} {each.rate:>8.0f}" for each in found)
        ok = profile.floor is None or all(each.share >= profile.floor for each in found)
        held = held and ok
        growth = _growth(found[0], found[-1]) if len(found) > 1 else ""
        floor = "" if profile.floor is None else f"{profile.floor:.2f}"
        kratos = "" if profile.kratos is None else f"{profile.kratos:.3f}"
        print(f"{profile.name:<26}{cells} {floor:>7} {kratos:>7}{growth}{'' if ok else '   missed'}")
    return held


def _growth(small: Result, large: Result) -> str:
    """How much more a request costs in the largest database than in the smallest, by either figure."""
    return f"{small.share / large.share:>8.2f} {small.cpu_share / large.cpu_share:>7.2f}"


def main() -> int:
    """Measures and prints; the exit status."""
    parser = argparse.ArgumentParser(description="Compares the server with the ceiling of its stack.")
    parser.add_argument("words", nargs="*", help="words of the profiles' names")
    parser.add_argument("--identities", nargs="+", type=int, default=[1000], help="sizes of the database")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of each part of a round")
    parser.add_argument("--json", action="store_true", help="print the results for programs")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (apt-get install wrk)")
    profiles = chosen(arguments.words)
    with database_server() as server:
        runs = {size: run(size, profiles, arguments, server) for size in arguments.identities}
    results = {size: found for size, (found, _) in runs.items()}
    worker = runs[arguments.identities[0]][1]
    if arguments.json:
        listed = {
            size: [as_json(profile, asdict(found[profile.name])) for profile in profiles]
            for size, found in results.items()
        }
        print(json.dumps({"profiles": listed, "worker": asdict(worker)}, indent=2))
        return 0
    held = show(results, profiles)
    print(worker)
    return 0 if held and worker.is_small else 1


if __name__ == "__main__":
    raise SystemExit(main())
