"""What a charm declares, read from the files that ops reads too."""

import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from juju_sandbox.failures import SandboxError

#: What a packed charm carries besides its virtual environment.
PACKED = (
    "src",
    "lib",
    "templates",
    "hooks",
    "metadata.yaml",
    "config.yaml",
    "actions.yaml",
    "charmcraft.yaml",
    "version",
)
ROLES = ("requires", "provides", "peers")


@dataclass(frozen=True)
class Endpoint:
    """One end of a relation."""

    name: str
    interface: str
    role: str
    limit: int | None = None


@dataclass(frozen=True)
class CharmFiles:
    """A charm's declarations."""

    name: str
    folder: Path
    endpoints: Mapping[str, Endpoint]
    #: Container name → (storage name, location in the container).
    containers: Mapping[str, tuple[tuple[str, str], ...]]
    storage: tuple[str, ...]
    options: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Mapping[str, Any]]
    resources: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, folder: Path) -> "CharmFiles":
        """Reads the three files.

        Raises:
            SandboxError: The folder holds no charm.
        """
        metadata = _read(folder / "metadata.yaml")
        if "name" not in metadata:
            raise SandboxError(f"{folder} holds no charm: metadata.yaml with a name is missing")
        containers = metadata.get("containers") or {}
        return cls(
            name=metadata["name"],
            folder=folder,
            endpoints=_endpoints(metadata),
            containers={name: _mounts(body or {}) for name, body in containers.items()},
            storage=tuple(metadata.get("storage") or {}),
            options=_read(folder / "config.yaml").get("options") or {},
            actions={name: body or {} for name, body in _read(folder / "actions.yaml").items()},
            resources=metadata.get("resources") or {},
        )

    def peers(self) -> list[Endpoint]:
        return [endpoint for endpoint in self.endpoints.values() if endpoint.role == "peers"]


def _read(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def _endpoints(metadata: Mapping[str, Any]) -> dict[str, Endpoint]:
    return {
        name: Endpoint(name, body["interface"], role, body.get("limit"))
        for role in ROLES
        for name, body in (metadata.get(role) or {}).items()
    }


def _mounts(container: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((mount["storage"], mount["location"]) for mount in container.get("mounts") or [])


def unpack(source: Path, target: Path) -> CharmFiles:
    """Copies a charm's folder, or unpacks a ``.charm`` archive, as one revision.

    Raises:
        SandboxError: The source is neither.
    """
    if source.is_file():
        with zipfile.ZipFile(source) as archive:
            archive.extractall(target)
    elif source.is_dir():
        CharmFiles.load(source)
        target.mkdir(parents=True)
        for name in PACKED:
            _copy(source / name, target / name)
    else:
        raise SandboxError(f"there is no charm at {source}")
    if not (target / "src" / "charm.py").exists():
        shutil.rmtree(target)
        raise SandboxError(f"{source} has no src/charm.py")
    return CharmFiles.load(target)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy2(source, target)
