"""``logging``: Pebble forwards what the services print to each Loki of the relation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import ops
from ops import pebble

from .. import alert_rules
from . import bags

ENDPOINT = "logging"
LAYER = "kratos-log-forwarding"


@dataclass(frozen=True)
class LogTargets:
    """Push address by the name of the unit that offers it.

    Attributes:
        problems: what of it cannot be used.
    """

    targets: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "LogTargets":
        """Read all units of all relations; one without an address does not hide the others."""
        found: dict[str, str] = {}
        problems: list[str] = []
        for relation in model.relations[ENDPOINT]:
            for unit in sorted(relation.units, key=lambda one: one.name):
                with bags.noted(problems):
                    if url := _address(relation.data[unit].get("endpoint", "")):
                        found[unit.name] = url
        return cls(found, tuple(problems))

    def layer(self, topology: Mapping[str, str], known: Mapping[str, pebble.LogTarget]) -> pebble.LayerDict | None:
        """Log targets for Pebble, unless it has them. It cannot forget one, so those that are gone are switched off.

        Args:
            topology: Juju's names for this unit, which Loki gets as labels.
            known: the log targets of the present plan.
        """
        labels = {"product": "Juju", "charm": topology["charm_name"]}
        labels |= {f"juju_{key}": topology[key] for key in ("model", "model_uuid", "application", "unit")}
        wanted: dict[str, pebble.LogTargetDict] = {
            name: {"override": "replace", "type": "loki", "location": url, "services": ["all"], "labels": labels}
            for name, url in sorted(self.targets.items())
        }
        gone: pebble.LogTargetDict = {
            "override": "replace",
            "type": "loki",
            "location": "(removed)",
            "services": ["-all"],
        }
        whole = {**{name: gone for name in known if name not in wanted}, **wanted}
        present = {name: target.to_dict() for name, target in known.items()}
        return None if whole == present else {"log-targets": whole}


def _address(text: str) -> str:
    endpoint = bags.parsed(ENDPOINT, "endpoint", text) if text else {}
    url = endpoint.get("url") if isinstance(endpoint, dict) else None
    return bags.web_url(ENDPOINT, "endpoint", str(url)) if url else ""


def publish(model: ops.Model, topology: Mapping[str, str]) -> None:
    """Tell Loki who we are and when to raise an alarm."""
    for relation in model.relations[ENDPOINT]:
        rules = alert_rules.load("loki_alert_rules", topology)
        bags.write(relation, model.app, {"metadata": json.dumps(topology), "alert_rules": json.dumps(rules)})
