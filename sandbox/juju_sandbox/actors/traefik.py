"""traefik-k8s: routes and ingresses, served by a small gateway on the application's own loopback address."""

import json
import sys
import threading
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import yaml

from juju_sandbox import applications
from juju_sandbox.actors.actor import Actor, provides, requires
from juju_sandbox.actors.gateway import Gateway, Rule, rules
from juju_sandbox.store import Row

#: The port that people know, where nobody else has it.
PORT = 8080


class Traefik(Actor):
    charm: ClassVar[str] = "traefik-k8s"
    summary: ClassVar[str] = "a gateway that follows the routes, on port 8080 of its address or a free one"
    endpoints = provides(
        ("ingress", "ingress"), ("ingress-per-unit", "ingress_per_unit"), ("traefik-route", "traefik_route")
    ) | requires(("certificates", "tls-certificates"))
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "external_hostname": {"type": "string", "description": "The host in addresses; unset for the gateway's own."},
        "routing_mode": {"type": "string", "default": "path"},
    }
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "show-proxied-endpoints": {"description": "Shows the addresses of what is behind the gateway."}
    }
    _gateway: Gateway | None = None
    _addresses: dict[str, str]

    def settle(self) -> tuple[str, str]:
        if self._gateway is None:
            self._start()
        self._remember_addresses()
        found = [rule for row in self.relations() for rule in self._settle(row)]
        assert self._gateway is not None
        self._gateway.route(sorted(found, key=lambda rule: -len(rule.path)))
        return "active", f"Serving at {self.host}"

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._addresses = {}
        address = applications.get_unit(self.store, self.unit)["address"]
        if sys.platform != "linux":
            # Elsewhere 127.0.0.1 is the only loopback address.
            address = "127.0.0.1"
        self._gateway = self._listen(address)
        self.set_fact("address", f"{address}:{self._gateway.port}")

    def _listen(self, address: str) -> Gateway:
        """At the port of the last time, so that addresses which others remember go on being right."""
        port = int(self.fact("address").rpartition(":")[2] or PORT)
        try:
            return Gateway(address, port, self._resolve)
        except OSError:
            return Gateway(address, 0, self._resolve)

    @property
    def host(self) -> str:
        return self.config.get("external_hostname") or self.fact("address")

    def _remember_addresses(self) -> None:
        """One unit's address for each application; the gateway's threads do not touch the model."""
        rows = self.store.all("SELECT application, address FROM unit ORDER BY number DESC")
        with self._lock:
            self._addresses = {row["application"]: row["address"] for row in rows}

    def _resolve(self, url: str) -> tuple[str, int]:
        """A cluster's name, ``APP.MODEL.svc.cluster.local``, as an address of this machine.

        Raises:
            OSError: No application has that name.
        """
        parts = urlsplit(url)
        with self._lock:
            address = self._addresses.get((parts.hostname or "").partition(".")[0])
        if address is None:
            raise OSError(f"{parts.hostname} is no application here")
        return address, parts.port or 80

    def _settle(self, row: Row) -> list[Rule]:
        bag = self.remote_bag(row)
        if row["name"] == "traefik-route":
            self.write(row, {"external_host": self.host, "scheme": "http"})
            return rules(yaml.safe_load(bag["config"])) if bag.get("config") else []
        if row["name"] == "ingress" and bag.get("port"):
            return [self._ingress(row, {key: json.loads(value) for key, value in bag.items()})]
        return []

    def _ingress(self, row: Row, asked: Mapping[str, Any]) -> Rule:
        path = f"/{asked['model']}-{asked['name']}"
        self.write(row, {"ingress": json.dumps({"url": f"http://{self.host}{path}"})})
        server = f"http://{asked['name']}.{asked['model']}.svc.cluster.local:{asked['port']}"
        return Rule("", path, True, server, strip=path if asked.get("strip-prefix") else "")

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, Any] = {}
        for row in self.relations("ingress"):
            own = self.own_bag(row)
            if own.get("ingress"):
                found[self.remote(row)] = json.loads(own["ingress"])
        return {"proxied-endpoints": json.dumps(found)}

    def stop(self) -> None:
        if self._gateway:
            self._gateway.close()
        self._gateway = None
