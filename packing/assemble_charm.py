"""The charm's archive, put together as charmcraft does, from the packages of the running environment.

``python packing/assemble_charm.py kratos.charm [--without-storage]``

Without storage it is for applications that run a charm without one: Juju on Kubernetes refuses to refresh an
application to a charm whose storage differs. Such an application works on PostgreSQL alone.
"""

import argparse
import re
import shutil
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FILES = ("LICENSE", "actions.yaml", "config.yaml", "metadata.yaml")
#: The Ubuntu whose Python the packages are for.
BASES = {(3, 12): "24.04", (3, 14): "26.04"}
DISPATCH = """\
#!/bin/sh
cd "$(dirname "$0")" || exit 1
export JUJU_DISPATCH_PATH="${JUJU_DISPATCH_PATH:-$0}"
export PYTHONPATH="lib:src:$(echo venv/lib/python3*/site-packages)"
exec python3 src/charm.py
"""


def assemble(folder: Path, *, storage: bool = True) -> None:
    """Fill a folder with all that the archive holds.

    Args:
        storage: whether the charm asks for storage.
    """
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    if not storage:
        (folder / "metadata.yaml").write_text(without_storage((ROOT / "metadata.yaml").read_text(encoding="utf-8")))
    for name in _primed():
        _copy(ROOT / name, folder / name)
    dispatch = folder / "dispatch"
    dispatch.write_text(DISPATCH)
    dispatch.chmod(0o755)
    (folder / "manifest.yaml").write_text(yaml.safe_dump(_manifest()))
    _packages(folder / "venv/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages")


def archive(target: Path, *, storage: bool = True) -> None:
    """Write the archive."""
    with tempfile.TemporaryDirectory() as folder:
        assemble(Path(folder), storage=storage)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(Path(folder).rglob("*")):
                packed.write(path, path.relative_to(folder))


def without_storage(text: str) -> str:
    """``metadata.yaml`` of a charm that asks for none."""
    found = yaml.safe_load(text)
    del found["storage"], found["containers"]["kratos"]["mounts"]
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True)


def locked() -> dict[str, str]:
    """Version by name of the packages in the charm."""
    text = (ROOT / "requirements-charm.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def _primed() -> list[str]:
    """What ``charmcraft.yaml`` lets into the charm, besides packages."""
    parts: dict[str, Any] = yaml.safe_load((ROOT / "charmcraft.yaml").read_text(encoding="utf-8"))["parts"]
    names = [*parts["charm"]["prime"], *parts["files"]["stage"]]
    return [name for name in names if name not in ("venv", "LICENSE")]


def _manifest() -> dict[str, Any]:
    return {
        "charmcraft-version": "assembled",
        "charmcraft-started-at": "1970-01-01T00:00:00Z",
        "bases": [{"name": "ubuntu", "channel": BASES.get(sys.version_info[:2], "24.04"), "architectures": ["amd64"]}],
    }


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    else:
        shutil.copy(source, target)


def _packages(site: Path) -> None:
    for name, version in locked().items():
        found = metadata.distribution(name)
        if found.version != version:
            raise SystemExit(f"{name} is {found.version} here and {version} in the lock; install the lock first")
        for file in found.files or []:
            if ".." not in file.parts and file.suffix != ".pyc":
                _copy(Path(str(found.locate_file(file))), site / str(file))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Assemble the charm's archive.")
    parser.add_argument("target", type=Path)
    parser.add_argument("--without-storage", action="store_true", help="for applications whose charm had none")
    given = parser.parse_args()
    archive(given.target, storage=not given.without_storage)


if __name__ == "__main__":
    main()
