"""smtp-integrator: passes on the address of a mail server; without one, that of a sink in the sandbox."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from juju_sandbox.actors.actor import Actor, provides
from juju_sandbox.actors.sinks import SmtpSink
from juju_sandbox.store import Row


class SmtpIntegrator(Actor):
    charm: ClassVar[str] = "smtp-integrator"
    summary: ClassVar[str] = "a mail server's address; by default a sink that keeps every message"
    endpoints = provides(("smtp", "smtp"))
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "host": {"type": "string", "description": "A mail server; unset for the sandbox's own sink."},
        "port": {"type": "int", "default": 25},
        "user": {"type": "string"},
        "password": {"type": "string"},
        "auth_type": {"type": "string", "default": "none"},
        "domain": {"type": "string"},
        "transport_security": {"type": "string", "default": "none"},
        "skip_ssl_verify": {"type": "boolean", "default": False},
        "smtp_sender": {"type": "string"},
    }
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "show-messages": {
            "description": "Shows the newest messages that the sink has kept.",
            "params": {"count": {"type": "integer", "default": 5, "minimum": 1}},
        }
    }
    _sink: SmtpSink | None = None

    def settle(self) -> tuple[str, str]:
        if self.config.get("host"):
            self.stop()
        elif self._sink is None:
            self._sink = SmtpSink()
            self.world.ports[self.name] = {self._sink.port}
        self.drop_secrets_of_gone_relations()
        super().settle()
        return "active", f"keeps messages at port {self._sink.port}" if self._sink else ""

    def settle_relation(self, row: Row) -> None:
        config = self.config
        address = ("127.0.0.1", self._sink.port) if self._sink else (config["host"], config["port"])
        bag = {
            "host": str(address[0]),
            "port": str(address[1]),
            "auth_type": config["auth_type"],
            "transport_security": config["transport_security"],
            "skip_ssl_verify": str(config["skip_ssl_verify"]),
        }
        bag |= {key: config[key] for key in ("user", "domain", "smtp_sender") if config.get(key)}
        if config.get("password"):
            bag["password_id"] = self.secret(row, "password", {"password": config["password"]})
        self.publish(row, bag)

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        letters = list(self._sink.letters)[-int(parameters["count"]) :] if self._sink else []
        shown = [{"to": each.recipients, "subject": each.subject, "text": each.text} for each in reversed(letters)]
        return {"count": str(len(shown)), "messages": json.dumps(shown)}

    def stop(self) -> None:
        if self._sink:
            self._sink.close()
        self._sink = None
        self.world.ports.pop(self.name, None)
