"""Reads configuration files: YAML, JSON and TOML."""

import json
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path as FilePath
from typing import Any

import yaml

from identity_server.configuration.layers import Layer
from identity_server.configuration.problems import ConfigurationError, Problem

_MOST_BYTES = 8 * 1024 * 1024
#: Aliases let a small YAML file stand for a huge document.
_MOST_VALUES = 200_000
_DEEPEST = 60


class _Refused(ValueError):
    """A document we do not take; the text says why, without quoting it."""


class _Loader(yaml.CSafeLoader):
    """YAML in which no key may stand twice in one mapping."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.tag != "tag:yaml.org,2002:merge" and isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                raise _Refused(f"line {key.start_mark.line + 1}: the key {key.value!r} stands there twice")
            seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _Refused(f"not valid YAML: {where}{getattr(error, 'problem', None) or 'cannot be read'}") from None
    except _Refused:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # What PyYAML's constructors raise for "!!int ''" and its like.
        raise _Refused("not valid YAML: it has a date or a number that does not exist") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _Refused(f"not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError:
        raise _Refused("not valid JSON: it has a number of too many digits") from None


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        is_syntax = isinstance(error, tomllib.TOMLDecodeError)
        raise _Refused(f"not valid TOML: {error if is_syntax else 'a number has too many digits'}") from None


_READERS: dict[str, Callable[[str], Any]] = {".yaml": _yaml, ".yml": _yaml, ".json": _json, ".toml": _toml}


def read(file: str) -> Layer:
    """The layer that a file holds.

    Raises:
        ConfigurationError: when the file cannot be read, or is no document of the kind its name says.
    """
    try:
        return Layer(file, _parse(file))
    except _Refused as error:
        raise ConfigurationError([Problem("", f"the configuration file {file} is {error}")]) from None
    except OSError as error:
        what = f"the configuration file {file} cannot be read: {error.strerror or error}"
        raise ConfigurationError([Problem("", what)]) from None


def _parse(file: str) -> dict[str, Any]:
    reader = _READERS.get(FilePath(file).suffix.lower())
    if reader is None:
        raise _Refused("of an unknown kind; allowed are names that end in .yaml, .yml, .json or .toml")
    with FilePath(file).open("rb") as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise _Refused(f"larger than {_MOST_BYTES // 1024 // 1024} MiB")
    try:
        values = _plain(reader(data.decode("utf-8-sig")), _DEEPEST, [_MOST_VALUES])
    except UnicodeDecodeError:
        raise _Refused("not UTF-8 text") from None
    except RecursionError:
        raise _Refused(f"nested more than {_DEEPEST} levels deep") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise _Refused("not a mapping of keys to values")
    return values


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    """The value as JSON knows it: text keys, no dates."""
    left[0] -= 1
    if depth < 0:
        raise _Refused(f"nested more than {_DEEPEST} levels deep")
    if left[0] < 0:
        raise _Refused(f"made of more than {_MOST_VALUES} values")
    if isinstance(value, dict):
        return {_key(name): _plain(item, depth - 1, left) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1, left) for item in value]
    if isinstance(value, datetime | date | time):
        return _moment(value)
    if isinstance(value, bytes | set):
        raise _Refused("using YAML types that JSON does not have")
    return value


def _key(name: Any) -> str:
    return name if isinstance(name, str) else str(name).lower() if isinstance(name, bool) else str(name)


def _moment(value: datetime | date | time) -> str:
    text = value.isoformat()
    return text + "Z" if isinstance(value, datetime) and value.tzinfo is None else text
