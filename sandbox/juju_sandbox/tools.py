"""The two Go programs that the sandbox needs, built once into the cache.

The name of the folder is a digest of the sources and of the pinned module sums, so a second run finds them
without asking the network, and a change of either builds anew.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from juju_sandbox.failures import SandboxError
from juju_sandbox.places import REPOSITORY, cache_folder

MODULE = REPOSITORY / "sandbox" / "pebble"
PROGRAMS = {"pebble": "github.com/canonical/pebble/cmd/pebble", "hooktool": "./hooktool"}
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


def ensure_tools(say: Callable[[str], None]) -> Tools:
    """Builds what is missing.

    Raises:
        SandboxError: Go is missing, too old, or could not build.
    """
    tools = Tools(cache_folder() / "tools" / _digest())
    if not tools.hook_tools.is_dir():
        go = _find_go()
        tools.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=tools.folder.parent) as workshop:
            _build(go, Path(workshop), say)
            _publish(Path(workshop), tools.folder)
    return tools


def _digest() -> str:
    digest = hashlib.sha256(" ".join(HOOK_TOOLS).encode())
    for path in sorted(path for path in MODULE.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _find_go() -> str:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin:/snap/bin")
    if not go:
        raise SandboxError("Go is missing: Pebble is built from source. Install Go 1.24 or newer (https://go.dev/dl)")
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False, cwd=MODULE).stdout
    match = re.match(r"go(\d+)\.(\d+)", said)
    if match and (int(match[1]), int(match[2])) < LEAST_GO:
        raise SandboxError(f"Go {match[1]}.{match[2]} is too old to build Pebble; 1.24 or newer is needed")
    return go


def _build(go: str, target: Path, say: Callable[[str], None]) -> None:
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    for name, package in PROGRAMS.items():
        say(f"building {name} (once; about half a minute)" if name == "pebble" else f"building {name}")
        command = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", str(target / name), package]
        done = subprocess.run(command, cwd=MODULE, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SandboxError(f"go could not build {name}:\n{done.stderr.strip()}")


def _publish(built: Path, target: Path) -> None:
    """Moves the programs in one step, so that an interrupted or a second build leaves nothing half done."""
    links = built / "hook-tools"
    links.mkdir()
    for name in HOOK_TOOLS:
        (links / name).symlink_to("../hooktool")
    built.chmod(0o755)
    try:
        built.rename(target)
    except OSError:
        if not target.is_dir():
            raise
    else:
        built.mkdir()
