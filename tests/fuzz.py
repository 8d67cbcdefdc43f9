"""Asks both listeners for whatever their description allows, and for what it does not: ``make fuzz``.

    python tests/fuzz.py                              about a minute a listener, on SQLite
    python tests/fuzz.py --seconds 600 --database postgres
    python tests/fuzz.py admin --seed 7

A server of its own is started with some identities, sessions and flows, whose ids are among the values that are tried.
No answer may be 500 or more, and each must be one that the description knows. Exits with 1 otherwise.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent)]

import httpx2  # noqa: E402
import psycopg  # noqa: E402

import postgres  # noqa: E402
from live_server import LiveServer, create_identity, live_server, native_login  # noqa: E402

PROGRAM = Path(__file__).parents[1] / ".cache" / "fuzzer" / "bin" / "st"
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
METHODS = {
    "code": {"enabled": True, "passwordless_enabled": True},
    "link": {"enabled": True},
    "totp": {"enabled": True},
    "lookup_secret": {"enabled": True},
    "api_key": {"enabled": True},
    "webauthn": {
        "enabled": True,
        "config": {"rp": {"id": "localhost", "display_name": "x", "origins": ["http://localhost"]}},
    },
    "passkey": {
        "enabled": True,
        "config": {"rp": {"id": "localhost", "display_name": "x", "origins": ["http://localhost"]}},
    },
}
FLOWS = {name: {"enabled": True} for name in ("recovery", "verification")}
OVERRIDES = {"selfservice": {"methods": METHODS, "flows": FLOWS}, "audit": {"enabled": True}}
LISTENERS = ["admin", "public", "signed-in"]
KINDS = ("login", "registration", "settings", "recovery", "verification")


def missing() -> str:
    """Why nothing can be fuzzed; nothing when it can."""
    return "" if PROGRAM.exists() else "the fuzzer is not installed (make test and make fuzz install it)"


@dataclass(frozen=True)
class Target:
    """A server with something in it.

    Attributes:
        values: known ids by the parameter that takes them, and the first part of its path.
    """

    server: LiveServer
    token: str
    values: dict[tuple[str, str], list[str]]


@contextmanager
def target(folder: Path, dsn: str = "") -> Iterator[Target]:
    """A running server with identities, sessions and flows."""
    with live_server(folder, dsn, overrides=OVERRIDES, dev=False) as server:
        identities = [create_identity(server, f"fuzz-{number}@example.com") for number in range(3)]
        login = native_login(server, "fuzz-0@example.com").json()
        token = str(login["session_token"])
        headers = {"X-Session-Token": token}
        values = {("id", "/admin/identities"): identities, ("id", "/admin/sessions"): [login["session"]["id"]]}
        for kind in KINDS:
            signed_in = headers if kind == "settings" else {}
            flow = httpx2.get(f"{server.public}self-service/{kind}/api", headers=signed_in, timeout=60).json()
            values["flow", f"/self-service/{kind}"] = values["id", f"/self-service/{kind}"] = [flow["id"]]
        yield Target(server, token, values)


def description(found: Target, *, admin: bool) -> dict[str, Any]:
    """The server's own description of one listener, with known ids among the values of its parameters."""
    document = httpx2.get(found.server.admin + "admin/openapi.json", timeout=60).json()
    url = (found.server.admin if admin else found.server.public).rstrip("/")
    document["paths"] = {path: item for path, item in document["paths"].items() if item.pop("servers")[0]["url"] == url}
    for path, item in document["paths"].items():
        for operation in item.values():
            # There is no OAuth2 server here, and without one Kratos' clients are told so with 500.
            operation["parameters"] = [
                each for each in operation.get("parameters", ()) if each["name"] != "login_challenge"
            ]
            for parameter in operation["parameters"]:
                known = _known(found, parameter["name"], path)
                if known:
                    parameter["schema"] = {"anyOf": [{"enum": known}, parameter["schema"]]}
    return document


def _known(found: Target, name: str, path: str) -> list[str]:
    return next((ids for (each, start), ids in found.values.items() if each == name and path.startswith(start)), [])


def fuzz(found: Target, folder: Path, *, admin: bool, seconds: int, more: tuple[str, ...] = ()) -> int:
    """The exit status of one run."""
    file = folder / f"{'admin' if admin else 'public'}.json"
    file.write_text(json.dumps(description(found, admin=admin)))
    command = [
        str(PROGRAM),
        "run",
        str(file),
        f"--url={(found.server.admin if admin else found.server.public).rstrip('/')}",
        f"--checks={','.join(CHECKS)}",
        "--phases=examples,coverage,fuzzing",
        f"--max-time={seconds}",
        "--continue-on-failure",
        "--max-redirects=0",
        "--request-timeout=30",
        "--suppress-health-check=all",
        "--warnings=off",
        "--no-shrink",
        *more,
    ]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "NO_COLOR": "1"}, check=False)
    # A server that is gone or stuck has failed whatever was said before.
    alive = httpx2.get(found.server.admin + "admin/health/ready", timeout=60).status_code == 200
    return done.returncode if alive else 1


def main() -> int:
    """Runs it; the exit status."""
    parser = argparse.ArgumentParser(description="Fuzzes both listeners.")
    parser.add_argument("listeners", nargs="*", metavar="LISTENER", help=f"some of {', '.join(LISTENERS)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each listener")
    parser.add_argument("--seed", type=int, help="repeat a run")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    arguments = parser.parse_args()
    if reason := missing():
        parser.error(reason)
    chosen = arguments.listeners or LISTENERS
    if not set(chosen) <= set(LISTENERS):
        parser.error(f"there are the listeners {', '.join(LISTENERS)}")
    seed = (f"--seed={arguments.seed}",) if arguments.seed is not None else ()
    status = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        found = stack.enter_context(target(folder, _database(stack, arguments.database)))
        for listener in chosen:
            # Strangers and people with a session share a listener, and its time.
            seconds = arguments.seconds if listener == "admin" else max(1, arguments.seconds // 2)
            header = ("-H", f"X-Session-Token:{found.token}") if listener == "signed-in" else ()
            print(f"== {listener}, {seconds} s", flush=True)
            status |= fuzz(found, folder, admin=listener == "admin", seconds=seconds, more=(*header, *seed))
        if status:
            print("\n".join(line for line in found.server.log.read_text().splitlines() if '"error"' in line)[-6000:])
    return 1 if status else 0


def _database(stack: ExitStack, kind: str) -> str:
    if kind == "sqlite":
        return ""
    if reason := postgres.missing():
        raise SystemExit(reason)
    server = stack.enter_context(postgres.server())
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE fuzz")
    return f"{server}fuzz?sslmode=disable"


if __name__ == "__main__":
    raise SystemExit(main())
