"""How many identities ``kratos identities import`` brings into PostgreSQL in a second.

    python bench/importing.py                          20 000 identities with bcrypt hashes
    python bench/importing.py --identities 200000
    python bench/importing.py --database sqlite

It prints the rate, and the processor time of one identity in the command and in PostgreSQL, which a busy machine does
not blur: with both on processors of their own, the larger of the two decides. It exits with 1 below 5 000 a second, or
when the processor time of both together is more than two processors have for 5 000.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import yaml
from compare import database, database_server
from processes import cpu_seconds

from live_server import PROGRAM, configuration, migrate

#: Of the password "a-password-of-the-bench": any well-formed hash costs the same to import.
HASH = "$2a$12$" + "abcdefghijklmnopqrstuu" + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
GOAL = 5000
PROCESSORS = 2


def write(file: Path, size: int) -> None:
    """A file of identities with hashed passwords and verified addresses."""
    with file.open("w", encoding="utf-8") as stream:
        for number in range(size):
            email = f"user-{number}@example.com"
            row = {
                "schema_id": "default",
                "traits": {"email": email},
                "credentials": {"password": {"config": {"hashed_password": HASH}}},
                "verifiable_addresses": [{"value": email, "via": "email", "verified": True}],
            }
            stream.write(json.dumps(row) + "\n")


def postgres_pid(dsn: str) -> int:
    """The process that all others of a PostgreSQL server come from; 0 when it is not on this machine."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        try:
            stat = Path(f"/proc/{row[0]}/stat").read_text(encoding="utf-8")
        except OSError:
            return 0
    return int(stat.rpartition(")")[2].split()[1])


def processor_seconds(pid: int) -> float:
    """Processor time of a PostgreSQL server: its connections that live, and those that have ended."""
    if not pid:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return cpu_seconds(pid) + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def measure(folder: Path, dsn: str, size: int) -> bool:
    """Imports and prints; whether it is fast enough."""
    config, file = folder / "kratos.yml", folder / "identities.jsonl"
    config.write_text(yaml.safe_dump(configuration(dsn, 4433, 4434)))
    migrate(config, dsn)
    write(file, size)
    server = postgres_pid(dsn) if dsn.startswith("postgres") else 0
    before, spent = processor_seconds(server), resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    command = [PROGRAM, "identities", "import", str(file), "-c", str(config), "--format", "json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = used.ru_utime + used.ru_stime - spent.ru_utime - spent.ru_stime
    theirs = processor_seconds(server) - before
    rate = json.loads(done.stdout)["per_second"]
    print(f"{size} identities: {rate} a second, {wall:.1f} s with start and end")
    print(f"processor time of one: {ours / size * 1e6:.0f} µs here, {theirs / size * 1e6:.0f} µs in the database")
    enough = rate >= GOAL or max((ours + theirs) / PROCESSORS, ours, theirs) / size <= 1 / GOAL
    print(f"{GOAL} a second on {PROCESSORS} processors: {'yes' if enough else 'missed'}")
    return enough


def main() -> int:
    """Measures; the exit status."""
    parser = argparse.ArgumentParser(description="How fast identities are imported.")
    parser.add_argument("--identities", type=int, default=20_000)
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if arguments.database == "sqlite":
            return 0 if measure(folder, f"sqlite://{folder}/kratos.sqlite", arguments.identities) else 1
        with database_server() as server, database(server, f"bench_{os.getpid()}") as dsn:
            return 0 if measure(folder, dsn, arguments.identities) else 1


if __name__ == "__main__":
    raise SystemExit(main())
