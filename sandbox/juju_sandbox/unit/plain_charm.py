"""What a charm's process is given where there are no namespaces.

The two things that ops and the charm take for granted, the path of Pebble's socket and the container's own file
system and network, are turned into the unit's folder and address. The charm's code runs unchanged.
"""

import json
import os
import socket
from pathlib import Path
from typing import Any

import ops.pebble as pebble

VIEW: dict[str, Any] = {}
OUTSIDE: set[int] = set()
LOCAL = ("127.0.0.1", "localhost", "::1")


class Client(pebble.Client):
    """Pebble's client, for a Pebble that sees the machine's file system."""

    def __init__(self, socket_path: str, *args: Any, **kwargs: Any) -> None:
        container = VIEW["containers"][Path(socket_path).parent.name]
        self._root: str = container["root"]
        super().__init__(container["socket"], *args, **kwargs)

    def _inside(self, path: Any) -> str:
        return f"{self._root}/{str(path).lstrip('/')}"

    def _outside(self, info: pebble.FileInfo) -> pebble.FileInfo:
        info.path = info.path.removeprefix(self._root) or "/"
        return info

    def push(self, path: Any, *args: Any, **kwargs: Any) -> None:
        super().push(self._inside(path), *args, **kwargs)

    def pull(self, path: Any, *args: Any, **kwargs: Any) -> Any:
        return super().pull(self._inside(path), *args, **kwargs)

    def list_files(self, path: Any, *args: Any, **kwargs: Any) -> list[pebble.FileInfo]:
        return [self._outside(info) for info in super().list_files(self._inside(path), *args, **kwargs)]

    def make_dir(self, path: Any, *args: Any, **kwargs: Any) -> None:
        super().make_dir(self._inside(path), *args, **kwargs)

    def remove_path(self, path: Any, *args: Any, **kwargs: Any) -> None:
        super().remove_path(self._inside(path), *args, **kwargs)

    def exec(self, command: Any, **kwargs: Any) -> Any:
        if kwargs.get("working_dir"):
            kwargs["working_dir"] = self._inside(kwargs["working_dir"])
        return super().exec(command, **kwargs)

    def add_layer(self, label: str, layer: Any, **kwargs: Any) -> None:
        text: str = layer if isinstance(layer, str) else pebble.Layer(_raw(layer)).to_yaml()
        super().add_layer(label, to_unit(text), **kwargs)

    def get_plan(self) -> pebble.Plan:
        return pebble.Plan(from_unit(super().get_plan().to_yaml()))


def _raw(layer: Any) -> Any:
    return layer.to_dict() if isinstance(layer, pebble.Layer) else layer


def to_unit(text: str) -> str:
    """A layer's check addresses on the unit's own loopback address."""
    for local in LOCAL[:2]:
        text = text.replace(f"//{local}:", f"//{VIEW['address']}:")
    return text


def from_unit(text: str) -> str:
    return text.replace(f"//{VIEW['address']}:", "//127.0.0.1:") if VIEW["address"] != LOCAL[0] else text


_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    """Loopback is the unit's own, save for the programs that stand for other applications."""
    local = host in LOCAL and int(port or 0) not in OUTSIDE
    return _getaddrinfo(VIEW["address"] if local else host, port, *args, **kwargs)


def install() -> None:
    """Takes the view from the environment and puts the replacements in place."""
    VIEW.update(json.loads(os.environ.pop("KRATOS_SANDBOX_VIEW")))
    OUTSIDE.update(json.loads(os.environ.pop("KRATOS_SANDBOX_OUTSIDE", "[]")))
    pebble.Client = Client
    socket.getaddrinfo = getaddrinfo
