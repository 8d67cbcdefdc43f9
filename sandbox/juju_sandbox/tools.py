"""The Go programs that the sandbox needs, built once into the cache.

The name of a module's folder is a digest of its sources and of the pinned sums, so a second run finds the programs
without asking the network, and a change of either builds anew.
"""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from juju_sandbox.failures import SandboxError
from juju_sandbox.places import REPOSITORY, cache_folder

SANDBOX = REPOSITORY / "sandbox"
LEAST_GO = (1, 24)
HOOK_TOOLS = (
    *("action-fail", "action-get", "action-log", "action-set", "application-version-set", "close-port"),
    *("config-get", "credential-get", "goal-state", "is-leader", "juju-log", "juju-reboot", "network-get"),
    *("open-port", "opened-ports", "relation-get", "relation-ids", "relation-list", "relation-model-get"),
    *("relation-set", "resource-get", "secret-add", "secret-get", "secret-grant", "secret-ids", "secret-info-get"),
    *("secret-remove", "secret-revoke", "secret-set", "state-delete", "state-get", "state-set", "status-get"),
    *("status-set", "storage-add", "storage-get", "storage-list", "unit-get"),
)


@dataclass(frozen=True)
class Tools:
    """Where the built programs are."""

    folder: Path

    @property
    def pebble(self) -> Path:
        return self.folder / "pebble"

    @property
    def hook_tools(self) -> Path:
        """A folder for PATH in which every hook tool stands under its name."""
        return self.folder / "hook-tools"


Say = Callable[[str], None]


def ensure_tools(say: Say) -> Tools:
    """Builds Pebble and the hook tools where they are missing.

    Raises:
        SandboxError: Go is missing, too old, or could not build.
    """
    programs = {"pebble": "github.com/canonical/pebble/cmd/pebble", "hooktool": "./hooktool"}
    return Tools(_ensure(SANDBOX / "pebble", programs, say, _link_hook_tools))


def ensure_openfga(say: Say) -> Path:
    """Builds OpenFGA where it is missing; it takes some minutes.

    Raises:
        SandboxError: Go is missing, too old, or could not build.
    """
    return _ensure(SANDBOX / "openfga", {"openfga": "github.com/openfga/openfga/cmd/openfga"}, say) / "openfga"


def openfga_is_built() -> bool:
    return (_folder(SANDBOX / "openfga") / "openfga").exists()


def _folder(module: Path) -> Path:
    """Where a module's programs are, or will be."""
    digest = hashlib.sha256(" ".join(HOOK_TOOLS).encode())
    for path in sorted(path for path in module.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return cache_folder() / "tools" / f"{module.name}-{digest.hexdigest()[:16]}"


def _ensure(module: Path, programs: Mapping[str, str], say: Say, finish: Callable[[Path], None] | None = None) -> Path:
    folder = _folder(module)
    if not folder.is_dir():
        go = _find_go(module)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            workshop = Path(name)
            for program, package in programs.items():
                say(f"building {program} from source (once)")
                _build(go, module, package, workshop / program)
            if finish:
                finish(workshop)
            _publish(workshop, folder)
    return folder


def _find_go(module: Path) -> str:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin:/snap/bin")
    if not go:
        raise SandboxError("Go is missing: Pebble is built from source. Install Go 1.24 or newer (https://go.dev/dl)")
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False, cwd=module).stdout
    match = re.match(r"go(\d+)\.(\d+)", said)
    if match and (int(match[1]), int(match[2])) < LEAST_GO:
        raise SandboxError(f"Go {match[1]}.{match[2]} is too old to build Pebble; 1.24 or newer is needed")
    return go


def _build(go: str, module: Path, package: str, target: Path) -> None:
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    command = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", str(target), package]
    with subprocess.Popen(
        command,
        cwd=module,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as build:
        _builds.add(build)
        _, said = build.communicate()
    _builds.discard(build)
    if build.returncode:
        raise SandboxError(f"go could not build {target.name}:\n{said.strip()}")


_builds: "set[subprocess.Popen[str]]" = set()


def cancel_builds() -> None:
    """Ends the builds that other threads wait for, compilers included."""
    for build in list(_builds):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGKILL)


def _link_hook_tools(built: Path) -> None:
    links = built / "hook-tools"
    links.mkdir()
    for name in HOOK_TOOLS:
        (links / name).symlink_to("../hooktool")


def _publish(built: Path, target: Path) -> None:
    """Moves the programs in one step, so that an interrupted or a second build leaves nothing half done."""
    built.chmod(0o755)
    try:
        built.rename(target)
    except OSError:
        if not target.is_dir():
            raise
    else:
        # The folder's owner wants to remove one of this name.
        built.mkdir()
