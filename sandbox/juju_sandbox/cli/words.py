"""How Juju reads the words of a command line."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import yaml

from juju_sandbox.failures import SandboxError


def settings(words: Sequence[str]) -> dict[str, str]:
    """``key=value`` for `config`; ``key=@file`` takes the file's content."""
    found: dict[str, str] = {}
    for word in words:
        key, _, value = word.partition("=")
        found[key] = _file(value[1:]) if value.startswith("@") else value
    return found


def secret_values(words: Sequence[str], file: str | None) -> dict[str, str]:
    """``key=value``, ``key#base64=…`` and ``key#file=path`` for secrets, after those of a YAML file."""
    found: dict[str, str] = {}
    if file:
        loaded = _mapping(file)
        found |= {str(key): str(value) for key, value in loaded.items()}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise SandboxError('expected "key=value", got something else')
        found[key.removesuffix("#file")] = _file(value) if key.endswith("#file") else value
    return found


def action_parameters(words: Sequence[str], file: str | None, *, strings: bool) -> dict[str, Any]:
    """``key=value`` for `run`: dots nest, values are YAML unless `strings`; they win over those of a file."""
    found: dict[str, Any] = dict(_mapping(file)) if file else {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not re.fullmatch(r"[a-zA-Z0-9_.-]+", key):
            raise SandboxError('argument is not of the form "key=value"')
        *path, last = key.split(".")
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[last] = text if strings else _value(text)
    return found


def _value(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _mapping(file: str) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(_file(file))
    except yaml.YAMLError:
        loaded = None
    if not isinstance(loaded, dict):
        raise SandboxError(f"{file} holds no mapping in YAML")
    return cast("dict[str, Any]", loaded)


def _file(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"cannot read {path}: {error}") from None


def seconds(text: str) -> float:
    """``60s``, ``1m30s``, or a plain number of seconds."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", text)
    if not parts or not any(parts.groups()):
        raise SandboxError(f'"{text}" is no duration; write for example 60s or 2m')
    hours, minutes, rest = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + rest
