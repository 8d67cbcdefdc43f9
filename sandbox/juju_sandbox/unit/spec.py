"""What a unit's host process is told at its start."""

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ContainerSpec:
    """One workload container."""

    name: str
    #: The folder on the machine in which its Pebble makes `pebble.socket`; short, see `places`.
    socket_folder: str
    #: The folder on the machine that holds its private files, and its log.
    folder: str
    #: (folder on the machine, location in the container) of its storage.
    mounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class UnitSpec:
    """One unit."""

    name: str
    isolated: bool
    address: str
    folder: str
    #: The unit's copy of the charm, with its `.unit-state.db`.
    charm_folder: str
    agent_folder: str
    containers: tuple[ContainerSpec, ...]
    #: (folder on the machine, location for the charm) of its storage.
    storage: tuple[tuple[str, str], ...]
    pebble: str
    hook_tools: str
    python: str
    #: A folder for the workload's PATH.
    programs: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "UnitSpec":
        fields: dict[str, Any] = json.loads(text)
        fields["containers"] = tuple(ContainerSpec(**container) for container in fields["containers"])
        return cls(**fields)
