"""Shows a Python program the files of its container where there are no namespaces.

Python runs this file at its start because its folder stands on PYTHONPATH. A path that exists in the container's
folder is taken from there; one that exists on the machine alone is the machine's; a new one is made in the
container's folder. It covers what passes through Python's own functions and SQLite, which is all that the server
uses.
"""

import builtins
import io
import os
import sqlite3
import ssl
from collections.abc import Callable
from typing import Any

ROOT = os.environ.get("KRATOS_SANDBOX_ROOT", "")
_stat = os.stat


def _exists(path: str) -> bool:
    try:
        _stat(path)
    except (OSError, ValueError):
        return False
    return True


def inside(path: Any) -> Any:
    """The place of an absolute path."""
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str) or not text.startswith("/") or text.startswith(ROOT):
        return path
    own = ROOT + text
    if _exists(own) or (not _exists(text) and _exists(os.path.dirname(own))):
        return own
    return path


def _first(function: Callable[..., Any]) -> Callable[..., Any]:
    def viewed(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        return function(inside(path), *args, **kwargs)

    return viewed


def _first_two(function: Callable[..., Any]) -> Callable[..., Any]:
    def viewed(source: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        return function(inside(source), inside(target), *args, **kwargs)

    return viewed


_connect = sqlite3.connect


def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
    text = os.fspath(database) if isinstance(database, os.PathLike) else database
    if isinstance(text, str) and text.startswith("file:/"):
        path, question, query = text.removeprefix("file:").partition("?")
        return _connect(f"file:{inside('/' + path.lstrip('/'))}{question}{query}", *args, **kwargs)
    return _connect(inside(text), *args, **kwargs)


_load = ssl.SSLContext.load_verify_locations


def load_verify_locations(self: ssl.SSLContext, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
    _load(self, inside(cafile), inside(capath), cadata)


if ROOT:
    builtins.open = io.open = _first(io.open)
    for name in (
        "open",
        "stat",
        "lstat",
        "mkdir",
        "rmdir",
        "listdir",
        "scandir",
        "unlink",
        "remove",
        "chmod",
        "access",
        "utime",
    ):
        setattr(os, name, _first(getattr(os, name)))
    for name in ("rename", "replace", "link"):
        setattr(os, name, _first_two(getattr(os, name)))
    sqlite3.connect = connect
    ssl.SSLContext.load_verify_locations = load_verify_locations
