"""JSON of the admin API as results of an action: Juju allows ``a-z``, ``0-9``, dots and dashes in a key."""

import json
import re
from collections.abc import Mapping
from typing import Any


def as_results(found: Mapping[str, Any]) -> dict[str, str]:
    """Flat results with dotted keys (``traits.email``). What is null or empty is left out."""
    results: dict[str, str] = {}
    _collect(found, "", results)
    return results


def _collect(found: Mapping[str, Any], prefix: str, results: dict[str, str]) -> None:
    for name, value in found.items():
        key = prefix + _key(name)
        if isinstance(value, Mapping):
            _collect(value, f"{key}.", results)
        elif value is not None and value != "" and value != []:
            results[_free(key, results)] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "x"


def _free(key: str, taken: Mapping[str, str]) -> str:
    """Two traits may differ in a letter that Juju does not know; neither may hide the other."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
