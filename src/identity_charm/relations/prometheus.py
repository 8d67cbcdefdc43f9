"""``metrics-endpoint``: what Prometheus scrapes, and when it raises an alarm."""

import json
from collections.abc import Mapping

import ops

from identity_server import contract

from .. import alert_rules
from . import bags

ENDPOINT = "metrics-endpoint"


def publish(model: ops.Model, topology: Mapping[str, str]) -> None:
    """The leader names the job and the rules; each unit gives its own address."""
    for relation in model.relations[ENDPOINT]:
        if model.unit.is_leader():
            bags.write(relation, model.app, _application(topology))
        binding = model.get_binding(relation)
        address = binding.network.bind_address if binding else None
        wanted = {"prometheus_scrape_unit_name": model.unit.name}
        wanted["prometheus_scrape_unit_address"] = str(address) if address else ""
        bags.write(relation, model.unit, wanted)


def _application(topology: Mapping[str, str]) -> dict[str, str]:
    job = {
        "metrics_path": contract.METRICS_PATH,
        "static_configs": [{"targets": [f"*:{contract.ADMIN_PORT}"]}],
    }
    rules = alert_rules.load("prometheus_alert_rules", topology)
    return {
        "scrape_metadata": json.dumps(topology),
        "scrape_jobs": json.dumps([job]),
        "alert_rules": json.dumps(rules),
    }
