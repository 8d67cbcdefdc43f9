"""Reads a checked configuration by key."""

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from functools import cached_property
from typing import Any

from identity_server.configuration import defaults, measures, tree
from identity_server.configuration.layers import Origins
from identity_server.configuration.secrecy import hidden

_ABSENT: Any = object()


class Lookup:
    """All values, with the schema's defaults filled in. Never changes; a reload makes a new one.

    Keys are dotted paths (``session.cookie.name``); list elements go by index. Asking for a key that the schema does
    not know is a mistake in the program and raises ``KeyError``; a key that is merely unset answers None, or an empty
    list. What has been asked for once costs one look into a dictionary.
    """

    def __init__(self, values: Mapping[str, Any], origins: Origins) -> None:
        self._given = dict(values)
        self._origins = origins
        self._full = defaults.filled(self._given)
        self._found: dict[str, Any] = {}
        self._spans: dict[str, timedelta | None] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.fingerprint()[:12]}>"

    def get(self, path: str, default: Any = None) -> Any:
        """The value as plain JSON, not to be changed; ``default`` when it is unset and the schema has no default.

        Raises:
            KeyError: when there is no such key.
        """
        value = self._found.get(path, _ABSENT)
        if value is _ABSENT:
            value = self._found[path] = self._walk(path)
        return default if value is None else value

    def flag(self, path: str) -> bool:
        """Whether a switch is on; unset is off."""
        return self.get(path) is True

    def text(self, path: str) -> str | None:
        """A text, or None."""
        value = self.get(path)
        return None if value is None else str(value)

    def integer(self, path: str) -> int:
        """A whole number; 0 when unset."""
        return int(self.get(path, 0))

    def number(self, path: str, default: float) -> float:
        """Any number."""
        return float(self.get(path, default))

    def duration(self, path: str) -> timedelta | None:
        """A time span, or None."""
        if path not in self._spans:
            text = self.text(path)
            self._spans[path] = None if text is None else measures.duration(text)
        return self._spans[path]

    def span(self, path: str) -> timedelta:
        """A time span that the schema has a default for.

        Raises:
            KeyError: when it is unset and has none.
        """
        found = self.duration(path)
        if found is None:
            raise KeyError(f"{path} is not set")
        return found

    def size(self, path: str) -> int:
        """A size in bytes; 0 when unset."""
        text = self.text(path)
        return 0 if text is None else measures.size(text)

    def items(self, path: str) -> list[Any]:
        """A list; empty when unset."""
        return list(self.get(path, ()))

    def texts(self, path: str) -> list[str]:
        """A list of texts; empty when unset."""
        return [str(item) for item in self.get(path, ())]

    def section(self, path: str) -> dict[str, Any]:
        """The keys of a section, or of a map with names of one's own; empty when unset."""
        return dict(self.get(path, {}))

    def knows(self, path: str) -> bool:
        """Whether there is such a key at all."""
        return tree.at(tree.split(path)) is not None

    def configured(self, path: str) -> bool:
        """Whether anybody set the key, or a part of it, rather than leaving it to the default."""
        return self._look(path, self._given) is not None

    def origin(self, path: str) -> str:
        """What set the value: a file, an environment variable, a flag, or ``default``."""
        return self._origins.of(tree.split(path)) if self.configured(path) else "default"

    @property
    def origins(self) -> Origins:
        """Where every value came from."""
        return self._origins

    @cached_property
    def dev(self) -> bool:
        """Whether this is for development only."""
        return self.flag("dev")

    def given(self) -> dict[str, Any]:
        """A copy of what was set, without defaults."""
        return deepcopy(self._given)

    def effective(self) -> dict[str, Any]:
        """A copy of everything, defaults included."""
        return deepcopy(self._full)

    def with_secrets_hidden(self) -> dict[str, Any]:
        """A copy of everything that may be shown."""
        return hidden((), self._full)

    def fingerprint(self) -> str:
        """SHA-256 of what was set; equal for equal configurations, whatever files they came from."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        text = json.dumps(self._given, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _walk(self, path: str) -> Any:
        if not self.knows(path):
            raise KeyError(f"no such configuration key: {path}")
        return self._look(path, self._full)

    @staticmethod
    def _look(path: str, values: Any) -> Any:
        for name in tree.split(path):
            if isinstance(values, dict):
                values = values.get(name)
            elif isinstance(values, list) and name.isdigit() and int(name) < len(values):
                values = values[int(name)]
            else:
                return None
        return values
