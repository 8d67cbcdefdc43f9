"""``grafana-dashboard``: pictures of what the server measures."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import ops
from cosl import LZMABase64

from . import bags

ENDPOINT = "grafana-dashboard"
FOLDER = Path(__file__).parents[2] / "grafana_dashboards"


def publish(model: ops.Model, topology: Mapping[str, str]) -> None:
    """Hand over all dashboards of the charm."""
    for relation in model.relations[ENDPOINT]:
        bags.write(relation, model.app, {"dashboards": json.dumps(dashboards(topology))})


def dashboards(topology: Mapping[str, str]) -> dict[str, object]:
    """The dashboards as Grafana's charm wants them. The same files give the same bag: nothing in it is random."""
    templates: dict[str, object] = {}
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        digest.update(text.encode())
        templates[f"file:{path.stem}"] = {
            "charm": topology["charm_name"],
            "content": LZMABase64.compress(text),
            "juju_topology": {key: topology[key] for key in ("model", "model_uuid", "application", "unit")},
            "inject_dropdowns": True,
            "dashboard_alt_uid": hashlib.sha256(f"{topology['charm_name']}{path.stem}".encode()).hexdigest()[:16],
        }
    return {"templates": templates, "uuid": digest.hexdigest()[:32]}
