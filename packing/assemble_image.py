"""The file system of the workload image: ``python packing/assemble_image.py FOLDER``.

``rockcraft.yaml`` fills its part so, with packages from the lock; the interpreter comes from Ubuntu's packages there.
``--from-here`` takes both from the running environment instead: a whole root to try the image in without rockcraft.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-image.lock"
PACKAGES = "usr/lib/kratos"
#: Folder and mode; the charm's storage and configuration come in there.
FOLDERS = {"etc/config/kratos": 0o755, "var/lib/kratos": 0o777, "tmp": 0o1777}
#: Parts of the standard library that a server has no use for.
LEFT_OUT = (
    "__pycache__",
    "site-packages",
    "dist-packages",
    "test",
    "tests",
    "idlelib",
    "tkinter",
    "ensurepip",
    "config-*",
)


def assemble(root: Path, *, from_here: bool = False) -> None:
    """Fill a folder that becomes ``/``.

    Args:
        from_here: with packages and the interpreter of the running environment.
    """
    packages = root / PACKAGES
    packages.mkdir(parents=True, exist_ok=True)
    _copy_packages(packages) if from_here else _install_packages(packages)
    shutil.copytree(
        ROOT / "src/identity_server", packages / "identity_server", ignore=shutil.ignore_patterns("__pycache__")
    )
    command = root / "usr/bin/kratos"
    command.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "packing/kratos", command)
    command.chmod(0o755)
    for name, mode in FOLDERS.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    if from_here:
        _copy_interpreter(root)
        _copy_libraries(root)


def pinned() -> dict[str, str]:
    """Version by name of the packages in the image."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))


def _install_packages(target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    words = [*command, "--no-compile", "--target", str(target), "-r", str(LOCK)]
    subprocess.run(words, check=True)  # noqa: S603 - our own words


def _copy_packages(target: Path) -> None:
    from importlib import metadata

    for name, version in pinned().items():
        found = metadata.distribution(name)
        if found.version != version:
            raise SystemExit(f"{name} is {found.version} here and {version} in the lock; install the lock first")
        for file in found.files or []:
            if ".." not in file.parts and file.suffix != ".pyc":
                goal = target / str(file)
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(Path(str(found.locate_file(file))), goal)


def _copy_interpreter(root: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sys.base_prefix) / "lib" / version
    shutil.copytree(library, root / "usr/lib" / version, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=False)
    program = Path(sys.base_prefix) / "bin" / version
    shutil.copy(program.resolve(), root / "usr/bin" / version)
    (root / "usr/bin/python3").symlink_to(version)
    authorities = Path("/etc/ssl/certs/ca-certificates.crt")
    if authorities.exists():
        (root / "etc/ssl/certs").mkdir(parents=True)
        shutil.copy(authorities, root / "etc/ssl/certs")


def _copy_libraries(root: Path) -> None:
    """What the interpreter and the packages are linked with."""
    programs = [root / "usr/bin/python3", *root.rglob("*.so"), *root.rglob("*.so.*")]
    for library in sorted(_linked(programs)):
        goal = root / library.lstrip("/")
        if not goal.exists():
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, goal)


def _linked(programs: Iterable[Path]) -> set[str]:
    words = ["ldd", *map(str, programs)]
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words
    return set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", said, re.MULTILINE))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Assemble the file system of the workload image.")
    parser.add_argument("root", type=Path)
    parser.add_argument("--from-here", action="store_true", help="packages and interpreter of this environment")
    given = parser.parse_args()
    assemble(given.root, from_here=given.from_here)


if __name__ == "__main__":
    main()
