"""Asks the units' Pebble what there is to know."""

import http.client
import json
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("pebble", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect(str(self._path))


def ask(path: Path, what: str) -> Any:
    """One GET of Pebble's API; None when it does not answer."""
    connection = _Connection(path)
    try:
        connection.request("GET", what)
        return json.loads(connection.getresponse().read())["result"]
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None
    finally:
        connection.close()


@dataclass
class Sighting:
    """What one container's Pebble said."""

    answers: bool
    checks: dict[str, bool] = field(default_factory=dict[str, bool])
    #: (id, type, key, moment of the last repetition)
    notices: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])


def look(path: Path) -> Sighting:
    """Asks for checks and custom notices; the answer to the first tells whether Pebble runs."""
    checks = ask(path, "/v1/checks")
    if checks is None and ask(path, "/v1/system-info") is None:
        return Sighting(answers=False)
    found: list[dict[str, Any]] = ask(path, "/v1/notices?types=custom") or []
    notices = [(notice["id"], notice["type"], notice["key"], notice["last-repeated"]) for notice in found]
    return Sighting(True, {check["name"]: check["status"] == "up" for check in checks or []}, notices)
