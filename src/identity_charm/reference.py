"""Pages of ``docs/reference``, made from the charm's files: ``python -m identity_charm.reference actions``."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from .actions import ACTIONS

ROOT = Path(__file__).parents[2]

_ACTIONS = """\
# Actions

Run an action with `juju run kratos/0 NAME KEY=VALUE …`. All but those that say so may run on any unit. An action takes
no parameters beside those listed here. When it fails it says why in one sentence; where the server refused something,
the sentence holds the server's own reason. What is empty is left out of the results.

This page is made from `actions.yaml` and the functions in `src/identity_charm/actions/`.
"""

_CONFIG = """\
# Options

Set an option with `juju config kratos NAME=VALUE`. A value that cannot be used blocks the unit with a sentence that
says what is allowed; the server keeps running with its last good configuration until the option is mended.

This page is made from `config.yaml`.
"""

_RELATIONS = """\
# Relations

Integrate with `juju integrate kratos:ENDPOINT APPLICATION`. Every endpoint is optional: without any of them one unit
works on its embedded database. When a relation goes, what came with it goes too, from the server's configuration and
from what this application tells others.

This page is made from `metadata.yaml`.
"""


def actions() -> str:
    """``docs/reference/actions.md``."""
    chapters = (_action(name, action) for name, action in sorted(_read("actions").items()))
    return "\n".join([_ACTIONS, *(line for chapter in chapters for line in chapter)])


def config() -> str:
    """``docs/reference/config.md``."""
    rows = [
        _row(f"`{name}`", option["type"], _default(option), option["description"])
        for name, option in sorted(_read("config")["options"].items())
    ]
    return "\n".join([_CONFIG, "| option | type | default | what it does |", "| --- | --- | --- | --- |", *rows, ""])


def relations() -> str:
    """``docs/reference/relations.md``."""
    metadata = _read("metadata")
    rows = [
        _row(f"`{name}`", role, f"`{one['interface']}`", str(one.get("limit", "many")), one["description"])
        for role in ("requires", "provides")
        for name, one in sorted(metadata[role].items())
    ]
    head = ["| endpoint | role | interface | at most | what it is for |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([_RELATIONS, *head, *rows, ""])


PAGES: Mapping[str, Callable[[], str]] = {"actions": actions, "config": config, "relations": relations}


def _action(name: str, action: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}\n\n{_cell(action['description'])}\n"
    if params := action.get("params"):
        yield "| parameter | type | needed | what it is |\n| --- | --- | --- | --- |"
        for key, param in params.items():
            needed = "yes" if key in action.get("required", []) else ""
            yield _row(f"`{key}`", _kind(param), needed, param["description"])
        yield ""
    results = inspect.getdoc(ACTIONS[name].run) or ""
    yield f"Results: {_cell(results.replace('``', '`'))}\n"


def _kind(param: Mapping[str, Any]) -> str:
    allowed = " or ".join(f"`{value}`" for value in param["enum"]) if "enum" in param else param["type"]
    return f"{allowed}, `{_shown(param['default'])}`" if "default" in param else str(allowed)


def _default(option: Mapping[str, Any]) -> str:
    return f"`{_shown(option['default'])}`" if "default" in option else ""


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(*cells: str) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"{name}.yaml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())
