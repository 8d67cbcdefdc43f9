"""Alert rules of the charm's folders, confined to this application."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDERS = Path(__file__).parents[1]
#: Stands in an expression where the labels of this application belong.
PLACE = "%%juju_topology%%"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LABELS = ("model", "model_uuid", "application")


def load(folder: str, topology: Mapping[str, str]) -> dict[str, Any]:
    """The groups of a folder's files, each rule labelled and its expression confined.

    Args:
        folder: below ``src``; its files hold ``groups``, as Prometheus and Loki define them.
        topology: Juju's names for this application.
    """
    files = [_read(path) for path in sorted((FOLDERS / folder).glob("*.rules"))]
    return {"groups": [_confined(group, topology) for file in files for group in file["groups"]]}


def _read(path: Path) -> dict[str, Any]:
    # Safe like safe_load, and not slow where libyaml is there.
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506


def _confined(group: Mapping[str, Any], topology: Mapping[str, str]) -> dict[str, Any]:
    prefix = "_".join((topology["model"], topology["model_uuid"][:8], topology["application"]))
    name = "".join(letter if letter.isalnum() else "_" for letter in f"{prefix}_{group['name']}_rules")
    return {"name": name, "rules": [_labelled(rule, topology) for rule in group["rules"]]}


def _labelled(rule: Mapping[str, Any], topology: Mapping[str, str]) -> dict[str, Any]:
    labels = {f"juju_{key}": topology[key] for key in LABELS}
    matchers = ", ".join(f'{key}="{value}"' for key, value in labels.items())
    given = {**labels, "juju_charm": topology["charm_name"], **rule.get("labels", {})}
    return {**rule, "expr": rule["expr"].replace(PLACE, matchers), "labels": given}
