"""Trees as YAML, JSON or tables."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

Tree = dict[str, Any]


def render(tree: Any, form: str) -> str:
    """A tree in ``json`` or ``yaml``, with a newline at the end."""
    if form == "json":
        return json.dumps(tree) + "\n"
    return yaml.safe_dump(tree, default_flow_style=False, allow_unicode=True, width=10_000)


def nested(flat: Mapping[str, str]) -> Tree:
    """An action's results: ``traits.email`` is a key inside ``traits``."""
    tree: Tree = {}
    for key, value in sorted(flat.items()):
        place: Any = tree
        *path, last = key.split(".")
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                place = tree
                last = key
                break
        place[last] = value
    return tree


def table(rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell, two spaces apart; the first row is the heading."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts)
    return "\n".join(lines) + "\n"


def status_tables(tree: Tree, *, relations: bool) -> str:
    """``juju status`` as people read it."""
    model = tree["model"]
    moment = tree["controller"]["timestamp"].partition("T")[2]
    heading = ("Model", "Controller", "Cloud/Region", "Version", "SLA", "Timestamp")
    parts = [
        table([heading, (model["name"], model["controller"], model["cloud"], model["version"], model["sla"], moment)])
    ]
    if not tree["applications"]:
        return parts[0] + '\nModel "sandbox" is empty.\n'
    parts += [_applications(tree["applications"]), _units(tree["applications"])]
    if relations:
        columns = ("provider", "requirer", "interface", "type", "message")
        rows = [[entry[column] for column in columns] for entry in tree["integrations"]]
        parts.append(table([("Integration provider", "Requirer", "Interface", "Type", "Message"), *rows]))
    return "\n".join(part for part in parts if part)


def _applications(applications: Tree) -> str:
    rows: list[Sequence[object]] = [("App", "Version", "Status", "Scale", "Charm", "Rev", "Exposed", "Message")]
    for name, found in applications.items():
        said = found["application-status"]
        scale = found["scale"]
        charm, revision = found["charm-name"], found["charm-rev"]
        rows.append(
            (name, found.get("version", ""), said["current"], scale, charm, revision, "no", said.get("message", ""))
        )
    return table(rows)


def _units(applications: Tree) -> str:
    rows: list[Sequence[object]] = [("Unit", "Workload", "Agent", "Address", "Ports", "Message")]
    for found in applications.values():
        for name, unit in found.get("units", {}).items():
            workload, agent = unit["workload-status"], unit["juju-status"]
            ports = ",".join(unit.get("open-ports", []))
            title = f"{name}*" if unit.get("leader") else name
            rows.append(
                (title, workload["current"], agent["current"], unit["address"], ports, workload.get("message", ""))
            )
    return table(rows) if len(rows) > 1 else ""
