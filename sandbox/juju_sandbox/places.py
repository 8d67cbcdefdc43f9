"""Where the sandbox keeps its files.

A model folder may lie deep, and a Unix socket's path may not exceed 107 bytes; so the sockets stand in a short
folder of their own, whose name the model folder records.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from juju_sandbox.failures import SandboxError

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "KRATOS_SANDBOX"


def cache_folder() -> Path:
    """The repository's cache, or the user's where the repository cannot be written."""
    inside = REPOSITORY / ".cache" / "sandbox"
    if os.access(inside if inside.exists() else REPOSITORY, os.W_OK):
        return inside
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kratos-sandbox"


@dataclass(frozen=True)
class Places:
    """The files of one model."""

    folder: Path

    @classmethod
    def from_environment(cls) -> "Places":
        """The model that ``KRATOS_SANDBOX`` names, or the default one."""
        named = os.environ.get(FOLDER_VARIABLE)
        return cls(Path(named).resolve() if named else cache_folder() / "model")

    @property
    def database(self) -> Path:
        return self.folder / "model.sqlite"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        return self.folder / "sandbox.log"

    @property
    def services(self) -> Path:
        """Data of the real programs that stand for remote applications."""
        return self.folder / "services"

    def unit(self, name: str) -> Path:
        return self.folder / "units" / name.replace("/", "-")

    def charm(self, application: str, revision: int) -> Path:
        return self.folder / "charms" / f"{application}-{revision}"

    def storage(self, storage_id: str) -> Path:
        return self.folder / "storage" / storage_id.replace("/", "-")

    @property
    def sockets(self) -> Path:
        """The folder of this model's sockets, as recorded by the process that made it."""
        recorded = self.folder / "sockets"
        if not recorded.exists():
            raise SandboxError(f"no sandbox runs in {self.folder}")
        return Path(recorded.read_text(encoding="utf-8"))

    def make_sockets(self) -> Path:
        """Makes the folder for the sockets and records it.

        Raises:
            SandboxError: Another user owns a folder of that name; it could listen in on secrets.
        """
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        folder = Path(tempfile.gettempdir()) / f"juju-sandbox-{os.getuid()}-{digest}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise SandboxError(f"{folder} belongs to someone else; remove it and try again")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "sockets").write_text(str(folder), encoding="utf-8")
        return folder
