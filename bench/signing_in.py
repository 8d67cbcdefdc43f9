"""Password logins against the hasher alone, and session checks while they go on.

    python bench/signing_in.py                 three rounds of 8 s
    python bench/signing_in.py --rounds 5 --seconds 15

In alternating rounds of one run: hashes a second that the server's own pool of threads compares with nothing else to
do; whole logins a second; and the slowest hundredth of session checks, first in quiet, then beside the logins. Exits
with 1 when logins reach less than 0.9 of the hashes, or session checks slow down to more than three times.
"""

import argparse
import asyncio
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2
from compare import PASSWORD, database, database_server

from identity_server.passwords.hashers import BcryptHasher
from identity_server.passwords.pool import HashingPool
from live_server import LiveServer, create_identity, live_server, native_login

SHARE_OF_HASHES = 0.9
SLOWER = 3.0
LOGINS_AT_ONCE = 16
CHECKS_AT_ONCE = 2
EMAIL = "bench@example.com"


@dataclass(frozen=True)
class Round:
    """One round.

    Attributes:
        hashes: a second, by the pool alone.
        logins: a second.
        quiet, busy: seconds that 99 of 100 session checks stay below.
    """

    hashes: float
    logins: float
    quiet: float
    busy: float


async def hashes_a_second(hasher: BcryptHasher, seconds: float) -> float:
    """Comparisons with a stored hash that the pool reaches by itself."""
    pool = HashingPool(hasher)
    stored = await pool.hash(PASSWORD)
    done, end = 0, time.monotonic() + seconds

    async def compare() -> None:
        nonlocal done
        while time.monotonic() < end:
            assert await pool.verify(stored, PASSWORD)
            done += 1

    began = time.monotonic()
    await asyncio.gather(*(compare() for _ in range(LOGINS_AT_ONCE)))
    return done / (time.monotonic() - began)


def logins_script(folder: Path) -> Path:
    """For wrk: the same login again and again, in the one flow; apps may do that."""
    script = folder / "login.lua"
    body = json.dumps({"method": "password", "identifier": EMAIL, "password": PASSWORD})
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = {json.dumps(body)}\nwrk.headers["Content-Type"] = "application/json"\n'
    )
    return script


def wrk(url: str, connections: int, seconds: float, *more: str) -> str:
    """What wrk says.

    Raises:
        SystemExit: when an answer was not a success.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{int(seconds)}s", "--timeout", "30s", "--latency", *more, url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", told):
        raise SystemExit(f"{url}: {failed[0]}")
    return told


def logins(action: str, server: LiveServer, seconds: float, folder: Path) -> str:
    """What wrk says of logins, once the server is done with them.

    wrk leaves without waiting for its last logins and the server finishes them; one more stands behind them all.
    """
    told = wrk(action, LOGINS_AT_ONCE, seconds, "-s", str(logins_script(folder)))
    native_login(server, EMAIL, PASSWORD)
    return told


def slowest(told: str) -> float:
    """The 99th percentile of wrk's latencies, in seconds."""
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    assert found, told
    return float(found[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[found[2]]


def one_round(server: LiveServer, token: str, seconds: float, folder: Path) -> Round:
    """Everything once."""
    checks = (server.public + "sessions/whoami", CHECKS_AT_ONCE)
    header = ("-H", f"X-Session-Token: {token}")
    hashes = asyncio.run(hashes_a_second(BcryptHasher(12), seconds))
    quiet = slowest(wrk(*checks, seconds, *header))
    action = httpx2.get(server.public + "self-service/login/api", timeout=60).json()["ui"]["action"]
    told: list[str] = []
    signing_in = threading.Thread(target=lambda: told.append(logins(action, server, seconds + 4, folder)))
    signing_in.start()
    time.sleep(2)
    busy = slowest(wrk(*checks, seconds, *header))
    signing_in.join()
    # Once more without the checks, which take their own share of the processors.
    alone = logins(action, server, seconds, folder)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", alone)
    assert rate and told, alone
    return Round(hashes, float(rate[1]), quiet, busy)


def main() -> int:
    """Measures and prints; the exit status."""
    parser = argparse.ArgumentParser(description="Compares logins with hashes, and session checks with and without.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="of each part of a round")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (apt-get install wrk)")
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        database_server() as postgres_server,
        database(postgres_server, "bench_signing_in") as dsn,
        live_server(Path(name), dsn, {"hashers": {"bcrypt": {"cost": 12}}}, dev=False) as server,
    ):
        create_identity(server, EMAIL, PASSWORD)
        token = str(native_login(server, EMAIL, PASSWORD).json()["session_token"])
        rounds = [one_round(server, token, arguments.seconds, Path(name)) for _ in range(arguments.rounds)]
    share = statistics.median(each.logins / each.hashes for each in rounds)
    slower = statistics.median(each.busy / each.quiet for each in rounds)
    held = share >= SHARE_OF_HASHES and slower < SLOWER
    print(
        f"logins, as a share of the hashes that the pool compares by itself: {share:.2f} (at least {SHARE_OF_HASHES})"
    )
    print(f"session checks beside logins, p99 against quiet: {slower:.1f} times (less than {SLOWER:.0f})")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
