"""Layers of values, and which of them each value came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from identity_server.configuration.tree import Path

Values: TypeAlias = dict[str, Any]


class Indexed(dict[int, Any]):
    """Some elements of a list, by index; they go over the elements of the layer below."""


@dataclass(frozen=True)
class Layer:
    """Values of one source.

    Attributes:
        source: what a person calls it: a file's path, an environment variable's name, a flag.
        values: nested mappings; lists replace lists, ``Indexed`` goes into them.
    """

    source: str
    values: Mapping[str, Any] = field(repr=False)


class Origins:
    """Remembers the source of every value."""

    def __init__(self, known: Mapping[Path, str] | None = None) -> None:
        self._known = dict(known or {})

    def of(self, path: Path) -> str:
        """The source of a value, or of what it stands in; ``default`` when nobody set it."""
        for length in range(len(path), 0, -1):
            found = self._known.get(path[:length])
            if found is not None:
                return found
        below = {source for key, source in self._known.items() if key[: len(path)] == path}
        return ", ".join(sorted(below)) or "default"

    def has(self, path: Path) -> bool:
        """Whether a layer set the value, a part of it, or what it stands in."""
        return self.of(path) != "default"

    def known(self) -> dict[Path, str]:
        """All that was noted."""
        return dict(self._known)

    def note(self, path: Path, source: str) -> None:
        """A value was replaced as a whole."""
        for key in [key for key in self._known if key[: len(path)] == path]:
            del self._known[key]
        self._known[path] = source


def combine(layers: Iterable[Layer]) -> tuple[Values, Origins]:
    """One set of values out of many; later layers go over earlier ones."""
    values: Values = {}
    origins = Origins()
    for layer in layers:
        values = _over(values, layer.values, layer.source, (), origins)
    return values, origins


def _over(below: Any, above: Any, source: str, path: Path, origins: Origins) -> Any:
    if isinstance(above, Indexed):
        return _over_list(below, above, source, path, origins)
    if isinstance(above, Mapping):
        base: Values = dict(below) if isinstance(below, dict) else {}
        if not above and path:
            origins.note(path, source)
        for name, value in above.items():
            base[name] = _over(base.get(name), value, source, (*path, name), origins)
        return base
    origins.note(path, source)
    return _copied(above)


def _over_list(below: Any, above: Indexed, source: str, path: Path, origins: Origins) -> list[Any]:
    items: list[Any] = list(below) if isinstance(below, list) else []
    for index, value in above.items():
        while len(items) <= index:
            items.append(None)
        items[index] = _over(items[index], value, source, (*path, str(index)), origins)
    return items


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list | tuple) else value
