"""Replays the recordings of the reference server against ours and prints the score of each area.

    python tests/conformance/run.py [--databases sqlite postgres] [--area admin] [--json FILE] [scenario …]

The recordings lie beside the repository, in ``../shared/conformance``, or where ``KRATOS_CONFORMANCE`` says.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import postgres  # noqa: E402

FLOORS = Path(__file__).with_name("floors.json")
Scores = dict[str, tuple[int, int]]

#: So many scenarios at the most are looked at again: a few may have met a busy machine, many are a fault.
_A_FEW = 4


def folder() -> Path:
    """Where the recordings are."""
    return Path(os.environ.get("KRATOS_CONFORMANCE", ROOT.parent / "shared" / "conformance"))


def missing() -> str:
    """Why the recordings cannot be replayed; nothing when they can."""
    return "" if (folder() / "conform").exists() else f"there are no recordings in {folder()} (KRATOS_CONFORMANCE)"


def replay(
    database: str, *, area: str = "", scenarios: list[str] | None = None, verbose: bool = False, at_once: int = 2
) -> dict:
    """Runs the scenarios on one kind of database; the runner's report."""
    paths = [str(Path(each).resolve()) for each in scenarios or [folder() / "scenarios"]]
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        dsn = stack.enter_context(postgres.server()) if database == "postgres" else "sqlite"
        report = scratch / "report.json"
        command = [sys.executable, str(folder() / "conform"), "check", *paths, "-j", str(at_once), "--dsn", dsn]
        command += ["--report", str(report), "--start-timeout", "60"]
        command += ["--area", area] if area else []
        command += ["-v"] if verbose else []
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        output = None if verbose else subprocess.DEVNULL
        subprocess.run(command, env={**os.environ, "PATH": path}, cwd=scratch, check=False, stdout=output)
        return json.loads(report.read_text())


def scores(report: dict) -> Scores:
    """Matching steps and all steps of each area."""
    return {area: (part["matched"], part["total"]) for area, part in report["areas"].items()}


def unlike(report: dict) -> list[str]:
    """The scenarios in which a step did not match."""
    return [
        scenario["name"]
        for scenario in report["scenarios"]
        if scenario["error"] or not all(step["ok"] for step in scenario["steps"])
    ]


def again(database: str, names: list[str]) -> list[str]:
    """Of a few scenarios those that do not match on an idle machine either; many are not tried again.

    Two recordings also measure the machine: how soon a server is back with a session that lives on (`session-cache`),
    and whether it is ended before or after it notes a mail that just arrived (`verification-unknown-recipients`).
    """
    if len(names) > _A_FEW:
        return names
    paths = [str(folder() / "scenarios" / f"{name}.yaml") for name in names]
    return unlike(replay(database, scenarios=paths, at_once=1)) if paths else []


def below_floor(found: Scores, database: str) -> list[str]:
    """Areas that do worse than they did once."""
    floors = json.loads(FLOORS.read_text())[database]
    return [
        f"{area}: {good} of {total} steps match, the floor is {floors[area]} %"
        for area, (good, total) in sorted(found.items())
        if area in floors and good * 100 < floors[area] * total
    ]


def table(found: Scores) -> str:
    """The scores for people."""
    lines = [
        f"  {area:<14} {good:>5} / {total:<5} {100 * good / max(1, total):6.1f} %"
        for area, (good, total) in sorted(found.items())
    ]
    good, total = (sum(part) for part in zip(*found.values(), strict=True))
    return "\n".join([*lines, f"  {'all':<14} {good:>5} / {total:<5} {100 * good / max(1, total):6.1f} %"])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="+", default=["sqlite"], choices=["sqlite", "postgres"])
    parser.add_argument("--area", default="")
    parser.add_argument("--json", default="")
    parser.add_argument("-v", action="store_true", dest="verbose")
    parser.add_argument("scenarios", nargs="*")
    options = parser.parse_args()
    if reason := missing():
        print(reason)
        return 2
    failed = False
    for database in options.databases:
        report = replay(database, area=options.area, scenarios=options.scenarios, verbose=options.verbose)
        found = scores(report)
        print(f"{database}\n{table(found)}")
        if options.json:
            Path(options.json).write_text(json.dumps(report))
        if names := unlike(report):
            print(f"  not alike: {', '.join(names)}; alone: {', '.join(again(database, names)) or 'alike'}")
        for line in [] if options.scenarios else below_floor(found, database):
            print(f"  below its floor: {line}")
            failed = True
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
