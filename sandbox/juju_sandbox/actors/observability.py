"""prometheus-k8s, loki-k8s, grafana-k8s and tempo: they take what a charm offers and let it be looked at."""

import base64
import json
import lzma
import urllib.request
from collections.abc import Mapping
from typing import Any, ClassVar

from juju_sandbox.actors.actor import Actor, provides, requires
from juju_sandbox.actors.sinks import HttpSink
from juju_sandbox.failures import SandboxError
from juju_sandbox.store import Row


class Prometheus(Actor):
    charm: ClassVar[str] = "prometheus-k8s"
    summary: ClassVar[str] = "scrapes when asked"
    endpoints = requires(("metrics-endpoint", "prometheus_scrape"))
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "scrape": {"description": "Fetches every target once; shows how many series each has."},
        "show-rules": {"description": "Shows the alerts that were offered."},
    }

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self.relations():
            bag = self.remote_bag(row)
            if action == "show-rules":
                groups = json.loads(bag.get("alert_rules") or "{}").get("groups", [])
                found |= {_key(rule["alert"]): rule["expr"] for group in groups for rule in group["rules"]}
            else:
                for job in json.loads(bag.get("scrape_jobs") or "[]"):
                    found |= self._scrape(row, job)
        return found

    def _scrape(self, row: Row, job: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for unit, bag in self.remote_units(row).items():
            host = bag.get("prometheus_scrape_unit_address", "")
            for target in (each for group in job["static_configs"] for each in group["targets"]):
                url = f"http://{target.replace('*', host)}{job.get('metrics_path', '/metrics')}"
                found[_key(unit)] = f"{_count(url)} series at {url}"
        return found


def _key(text: str) -> str:
    """A name that Juju takes as the key of a result."""
    return "".join(each if each.isalnum() else "-" for each in text.lower()).strip("-")


def _count(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - an address a charm offered on loopback
            lines: list[str] = answer.read().decode().splitlines()
    except OSError as error:
        raise SandboxError(f"{url} cannot be scraped: {error}") from None
    return sum(1 for line in lines if line and not line.startswith("#"))


class _WithSink(Actor):
    """An application that things are sent to."""

    sink: HttpSink | None = None

    def settle(self) -> tuple[str, str]:
        if self.sink is None:
            self.sink = HttpSink()
            self.world.ports[self.name] = {self.sink.port}
        return super().settle()

    @property
    def url(self) -> str:
        assert self.sink is not None
        return f"http://127.0.0.1:{self.sink.port}"

    def stop(self) -> None:
        if self.sink:
            self.sink.close()
        self.sink = None
        self.world.ports.pop(self.name, None)


class Loki(_WithSink):
    charm: ClassVar[str] = "loki-k8s"
    summary: ClassVar[str] = "keeps the newest log lines"
    endpoints = provides(("logging", "loki_push_api"))
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "query": {
            "description": "Shows the newest lines that hold a text.",
            "params": {"text": {"type": "string", "default": ""}, "count": {"type": "integer", "default": 20}},
        }
    }

    def settle_relation(self, row: Row) -> None:
        endpoint = json.dumps({"url": f"{self.url}/loki/api/v1/push"})
        self.write_unit(row, {"endpoint": endpoint, "public_address": "127.0.0.1"})

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        streams = [
            stream
            for each in (self.sink.received if self.sink else [])
            for stream in json.loads(each.body).get("streams", [])
        ]
        lines = [line for stream in streams for _, line in stream["values"] if parameters["text"] in line]
        labels = streams[-1]["stream"] if streams else {}
        return {
            "count": str(len(lines)),
            "labels": json.dumps(labels),
            "lines": "\n".join(lines[-parameters["count"] :]),
        }


class Tempo(_WithSink):
    charm: ClassVar[str] = "tempo-coordinator-k8s"
    summary: ClassVar[str] = "counts the traces that arrive"
    endpoints = provides(("tracing", "tracing"))
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {"count-traces": {"description": "Counts what has arrived."}}

    def settle_relation(self, row: Row) -> None:
        wanted = json.loads(self.remote_bag(row).get("receivers") or "[]")
        offered = [
            {"protocol": {"name": "otlp_http", "type": "http"}, "url": self.url}
            for each in wanted
            if each == "otlp_http"
        ]
        self.write(row, {"receivers": json.dumps(offered) if offered else ""})

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        received = self.sink.received if self.sink else []
        return {"requests": str(len(received)), "bytes": str(sum(len(each.body) for each in received))}


class Grafana(Actor):
    charm: ClassVar[str] = "grafana-k8s"
    summary: ClassVar[str] = "lists the dashboards it was given"
    endpoints = requires(("grafana-dashboard", "grafana_dashboard"))
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "list-dashboards": {"description": "Shows the titles, and how many panels each has."}
    }

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self.relations():
            templates = json.loads(self.remote_bag(row).get("dashboards") or "{}").get("templates", {})
            for name, body in templates.items():
                dashboard = json.loads(lzma.decompress(base64.b64decode(body["content"])))
                found[_key(name)] = f"{dashboard['title']}: {len(dashboard.get('panels', []))} panels"
        return found
