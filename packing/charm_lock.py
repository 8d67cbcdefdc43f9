"""The part of the lock that goes into the charm: ``python packing/charm_lock.py > requirements-charm.lock``."""

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def charm_lock() -> str:
    """The pins and hashes of what ``pyproject.toml`` names for the charm, and of what that needs."""
    return part()


def part(extras: Sequence[str] = ()) -> str:
    """The pins and hashes of the project's extras, or without any of its own dependencies, and of what they need."""
    pins = dict(_pins((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    wanted = [one for extra in extras for one in optional[extra]] if extras else project["dependencies"]
    return "".join(pins[name] for name in sorted(_closure([Requirement(one) for one in wanted])))


def _pins(lock: str) -> Iterator[tuple[str, str]]:
    """Name to pin with its hashes, comments left out."""
    for block in re.findall(r"^(?=\S)(?!#).*(?:\n[ \t]+.*)*", lock, re.MULTILINE):
        lines = [line.rstrip() for line in block.splitlines() if not line.strip().startswith("#")]
        yield canonicalize_name(re.split(r"[=\[ ]", block, maxsplit=1)[0]), "\n".join(lines).rstrip(" \\") + "\n"


def _closure(wanted: list[Requirement]) -> set[str]:
    seen: set[tuple[str, str]] = set()
    queue = [(one.name, extra) for one in wanted for extra in ("", *one.extras)]
    while queue:
        name, extra = queue.pop()
        if (canonicalize_name(name), extra) in seen:
            continue
        seen.add((canonicalize_name(name), extra))
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                queue += [(needed.name, more) for more in ("", *needed.extras)]
    return {name for name, _ in seen}


if __name__ == "__main__":
    sys.stdout.write(charm_lock())
