"""Logs, metrics, traces and pictures."""

import base64
import json
import lzma
import re
from pathlib import Path
from typing import Any

import ops
import pytest
import yaml
from ops import testing
from prometheus_client.parser import text_string_to_metric_families

from identity_charm import alert_rules
from identity_charm.relations import grafana
from identity_server.web.metrics import Metrics
from unit.charm.states import container, logging, tracing

SRC = Path(__file__).parents[4] / "src"


def exported() -> dict[str, set[str]]:
    """The labels of each metric that the server really exports."""
    metrics = Metrics()
    metrics.observe("/sessions/whoami", "GET", 200, 0.1, 0, 100)
    return labels_of(metrics.shown("")[0].decode())


def labels_of(scraped: str) -> dict[str, set[str]]:
    """The labels of each metric in Prometheus' text."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(scraped):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


#: Labels that expressions group by.
GROUPED = ("endpoint", "status_bucket", "method", "code")
OFFERED = {
    "logging": ["metadata", "alert_rules"],
    "metrics-endpoint": ["scrape_jobs"],
    "grafana-dashboard": ["dashboards"],
}


@pytest.mark.parametrize("endpoint", OFFERED)
@pytest.mark.parametrize("event", ["relation_created", "relation_changed", "config_changed"])
def test_the_leader_offers_what_it_has_at_any_occasion(run: Any, bag: Any, endpoint: str, event: str) -> None:
    assert set(OFFERED[endpoint]) <= set(bag(run(testing.Relation(endpoint), event=event), endpoint))


@pytest.mark.parametrize("endpoint", OFFERED)
def test_a_follower_offers_nothing_for_the_application(run: Any, bag: Any, endpoint: str) -> None:
    assert bag(run(testing.Relation(endpoint), leader=False), endpoint) == {}


class TestLogs:
    def test_pebble_forwards_to_each_loki(self, run: Any) -> None:
        out = run(logging())
        target = out.get_container("kratos").plan.log_targets["loki/0"]
        assert (target.type, target.location, target.services) == ("loki", "http://loki:3100/loki/api/v1/push", ["all"])
        assert target.labels["product"] == "Juju"
        assert target.labels["juju_unit"] == "kratos/0"
        assert target.labels["juju_model"] == "shop"
        assert set(target.labels) == {
            "product",
            "charm",
            "juju_model",
            "juju_model_uuid",
            "juju_application",
            "juju_unit",
        }

    @pytest.mark.parametrize("leader", [True, False])
    def test_every_unit_forwards_its_own(self, run: Any, leader: bool) -> None:
        assert "loki/0" in run(logging(), leader=leader).get_container("kratos").plan.log_targets

    def test_a_loki_that_moved(self, run: Any, context: Any) -> None:
        before = run(logging())
        moved = logging("http://elsewhere:3100/loki/api/v1/push")
        out = run(moved, containers=[_again(before)])
        assert out.get_container("kratos").plan.log_targets["loki/0"].location.startswith("http://elsewhere")

    def test_a_loki_that_went_gets_nothing_more(self, run: Any) -> None:
        before = run(logging())
        target = run(containers=[_again(before)]).get_container("kratos").plan.log_targets["loki/0"]
        assert (target.services, target.location) == (["-all"], "(removed)")

    def test_nothing_is_switched_twice(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        before = run(logging())
        layers: list[str] = []
        add = ops.Container.add_layer

        def remember(self: ops.Container, label: str, *rest: Any, **more: Any) -> None:
            layers.append(label)
            add(self, label, *rest, **more)

        monkeypatch.setattr(ops.Container, "add_layer", remember)
        run(logging(), containers=[_again(before)])
        assert layers == ["kratos"]

    @pytest.mark.parametrize("endpoint", ["{", '{"url": "loki"}'])
    def test_what_is_no_address_blocks(self, run: Any, endpoint: str) -> None:
        out = run(testing.Relation("logging", remote_units_data={0: {"endpoint": endpoint}}))
        assert isinstance(out.unit_status, ops.BlockedStatus) and out.unit_status.message.startswith("logging: ")

    @pytest.mark.parametrize("endpoint", ["", "[]", "{}"])
    def test_a_loki_without_an_address_yet(self, run: Any, endpoint: str) -> None:
        out = run(testing.Relation("logging", remote_units_data={0: {"endpoint": endpoint}}))
        assert out.unit_status == ops.ActiveStatus()
        assert not out.get_container("kratos").plan.log_targets

    def test_the_rules_go_along(self, run: Any, bag: Any) -> None:
        written = bag(run(logging()), "logging")
        assert json.loads(written["metadata"])["application"] == "kratos"
        assert json.loads(written["alert_rules"])["groups"]


def _again(state: testing.State) -> testing.Container:
    """The container as an event left it, for the next one."""
    left = state.get_container("kratos")
    return container(layers=left.layers, service_statuses=left.service_statuses)


class TestMetrics:
    def test_prometheus_learns_the_job(self, run: Any, bag: Any) -> None:
        written = bag(run(testing.Relation("metrics-endpoint")), "metrics-endpoint")
        assert json.loads(written["scrape_jobs"]) == [
            {"metrics_path": "/admin/metrics/prometheus", "static_configs": [{"targets": ["*:4434"]}]}
        ]
        assert json.loads(written["scrape_metadata"])["charm_name"] == "kratos"

    @pytest.mark.parametrize("leader", [True, False])
    def test_each_unit_gives_its_address(self, run: Any, leader: bool) -> None:
        out = run(testing.Relation("metrics-endpoint"), leader=leader)
        (relation,) = out.get_relations("metrics-endpoint")
        assert relation.local_unit_data["prometheus_scrape_unit_address"] == "192.0.2.0"
        assert relation.local_unit_data["prometheus_scrape_unit_name"] == "kratos/0"

    @pytest.mark.parametrize("folder", ["prometheus_alert_rules", "loki_alert_rules"])
    def test_every_rule_is_about_this_application_alone(self, folder: str) -> None:
        names = {"model": "shop", "model_uuid": "abcdef01-2", "application": "kratos", "charm_name": "kratos"}
        rules = [rule for group in alert_rules.load(folder, names)["groups"] for rule in group["rules"]]
        assert rules
        for rule in rules:
            assert rule["expr"].count('juju_application="kratos"') == rule["expr"].count("{")
            assert alert_rules.PLACE not in rule["expr"]
            assert rule["labels"]["juju_model_uuid"] == "abcdef01-2"
            assert rule["labels"]["severity"]
            assert rule["annotations"]["summary"] and rule["annotations"]["description"]

    def test_groups_of_two_models_do_not_meet(self) -> None:
        names = {"model": "a-b", "application": "kratos", "charm_name": "kratos"}
        one, two = (
            {group["name"] for group in alert_rules.load("loki_alert_rules", {**names, "model_uuid": uuid})["groups"]}
            for uuid in ("11111111-", "22222222-")
        )
        assert not one & two
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in one | two)


class TestPictures:
    def test_the_dashboard_comes_through(self, run: Any, bag: Any) -> None:
        written = json.loads(bag(run(testing.Relation("grafana-dashboard")), "grafana-dashboard")["dashboards"])
        (template,) = written["templates"].values()
        found = json.loads(lzma.decompress(base64.b64decode(template["content"])))
        assert found["panels"]
        assert template["juju_topology"]["model"] == "shop"
        assert template["charm"] == "kratos"
        assert template["inject_dropdowns"] is True

    def test_every_choice_of_the_dropdowns_is_a_pattern(self) -> None:
        """Grafana's charm offers *All*, which is the pattern ``.*``; Loki refuses a query of such patterns alone."""
        text = (SRC / "grafana_dashboards" / "identity-server.json").read_text(encoding="utf-8")
        for label in ("juju_model", "juju_application"):
            assert f'{label}=~\\"${label}\\"' in text and f'{label}=\\"' not in text
        loki = [panel for panel in json.loads(text)["panels"] if panel["datasource"]["type"] == "loki"]
        assert loki and all('product="Juju"' in target["expr"] for panel in loki for target in panel["targets"])

    def test_it_is_written_once(self, run: Any, bag: Any) -> None:
        names = {"model": "m", "model_uuid": "u", "application": "a", "unit": "a/0", "charm_name": "kratos"}
        assert grafana.dashboards(names) == grafana.dashboards(names)


def expressions() -> list[str]:
    """All of ours that ask for a metric."""
    found = [
        target["expr"]
        for path in (SRC / "grafana_dashboards").glob("*.json")
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
        if panel["datasource"]["type"] == "prometheus"
    ]
    for path in (SRC / "prometheus_alert_rules").glob("*.rules"):
        found += [rule["expr"] for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]
    return found


@pytest.mark.parametrize("expression", expressions())
def test_only_what_the_server_exports_is_asked_for(expression: str) -> None:
    assert_exported(expression, exported())


def assert_exported(expression: str, exports: dict[str, set[str]]) -> None:
    """That an expression asks for metrics and labels that are there."""
    known = {**exports, "up": set[str]()}
    asked = re.findall(r"([a-z_]+)\{([^}]*)\}", expression)
    assert asked
    for name, matchers in asked:
        assert name in known
        labels = set(re.findall(r"([a-z_]+)\s*=~?", matchers)) | {label for label in GROUPED if label in expression}
        ours = {label for label in labels if not label.startswith("juju_")}
        assert ours <= known[name] | {"le"}, f"{name} has no {ours - known[name]}"


class TestTraces:
    @pytest.mark.parametrize("event", ["relation_created", "relation_changed", "config_changed"])
    def test_a_receiver_is_asked_for(self, run: Any, bag: Any, event: str) -> None:
        assert bag(run(testing.Relation("tracing"), event=event), "tracing") == {"receivers": '["otlp_http"]'}

    @pytest.mark.parametrize(("scheme", "insecure"), [("http", True), ("https", False)])
    def test_the_server_sends_there(self, run: Any, configured: Any, scheme: str, insecure: bool) -> None:
        assert configured(run(tracing(f"{scheme}://tempo:4318")))["tracing"] == {
            "provider": "otel",
            "providers": {
                "otlp": {"server_url": "tempo:4318", "insecure": insecure, "sampling": {"sampling_ratio": 1.0}}
            },
        }

    @pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
    def test_without_a_receiver_nothing_is_sent(self, run: Any, configured: Any, event: str) -> None:
        relation = tracing() if event == "relation_broken" else testing.Relation("tracing")
        assert "tracing" not in configured(run(relation, event=event))

    def test_a_receiver_of_another_protocol_is_none(self, run: Any, configured: Any) -> None:
        receivers = [{"protocol": {"name": "otlp_grpc", "type": "grpc"}, "url": "tempo:4317"}]
        relation = testing.Relation("tracing", remote_app_data={"receivers": json.dumps(receivers)})
        assert "tracing" not in configured(run(relation))

    @pytest.mark.parametrize("receivers", ["{", "{}", "[1]"])
    def test_what_makes_no_sense_blocks(self, run: Any, receivers: str) -> None:
        out = run(testing.Relation("tracing", remote_app_data={"receivers": receivers}))
        assert isinstance(out.unit_status, ops.BlockedStatus) and out.unit_status.message.startswith("tracing: ")
