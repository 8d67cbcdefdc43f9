"""Identities in JSON files and on standard input."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from identity_server.cli.failures import CommandFailed


def read_identities(files: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every identity with what it is called in messages.

    A file holds one object, a list of objects, or an object a line; ``-``, or no file at all, is standard input.

    Raises:
        CommandFailed: when a file cannot be read or holds something else.
    """
    for file in files or ["-"]:
        source = "standard input" if file == "-" else file
        items = _items(source, _text(file))
        for position, item in enumerate(items):
            yield (f"{source}, number {position + 1}" if len(items) > 1 else source), item


def _text(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        with open(file, encoding="utf-8") as stream:
            return stream.read()
    except UnicodeDecodeError:
        raise CommandFailed(f"{file} is not UTF-8 text.") from None
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read: {error.strerror}") from None


def _items(source: str, text: str) -> list[dict[str, Any]]:
    try:
        found = _lines(text) or json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"{source} is not JSON: {error}") from None
    except RecursionError:
        raise CommandFailed(f"{source} is nested too deep.") from None
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(item, dict) for item in items):
        raise CommandFailed(f"{source} must hold an identity, or a list of identities.")
    return items


def _lines(text: str) -> list[Any]:
    """The values of JSON lines; nothing when it is something else."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines):
        return []
    try:
        return [json.loads(line) for line in lines]
    except ValueError as error:
        raise ValueError(f"in one of its lines: {error}") from None
