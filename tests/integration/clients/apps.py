"""Apps that speak through Kratos' own client for JavaScript."""

from dataclasses import dataclass
from typing import Any

from integration.clients.conftest import PASSWORD
from live_server import LiveServer
from node_clients import NodeClient, Reply


@dataclass
class App:
    """An app that speaks through the client.

    Attributes:
        token: its session token.
    """

    node: NodeClient
    server: LiveServer
    token: str = ""

    def call(self, method: str, **parameters: Any) -> Reply:
        """A call of the front-end API."""
        return self.node.call(self.server.public, "FrontendApi", method, **parameters)

    def begin(self, kind: str, **parameters: Any) -> dict[str, Any]:
        """A new flow."""
        signed_in = {"xSessionToken": self.token} if self.token and kind in ("Settings", "Login") else {}
        reply = self.call(f"createNative{kind}Flow", **signed_in, **parameters)
        assert reply.status == 200, reply
        again = self.call(f"get{kind}Flow", id=reply.data["id"], **({"xSessionToken": self.token} if signed_in else {}))
        assert again.data["id"] == reply.data["id"], again
        return dict(reply.data)

    def send(self, kind: str, flow: dict[str, Any], **body: Any) -> Reply:
        """Submits a flow."""
        signed_in = {"xSessionToken": self.token} if self.token and kind in ("Settings", "Login") else {}
        return self.call(f"update{kind}Flow", flow=flow["id"], **signed_in, **{f"update{kind}FlowBody": body})

    def log_in(self, email: str, password: str = PASSWORD) -> Reply:
        """Signs in with a password."""
        reply = self.send("Login", self.begin("Login"), method="password", identifier=email, password=password)
        if reply.status == 200:
            self.token = reply.data["session_token"]
        return reply

    def change(self, **body: Any) -> Reply:
        """One change in the settings."""
        return self.send("Settings", self.begin("Settings"), **body)

    def whoami(self) -> Reply:
        """The session."""
        return self.call("toSession", xSessionToken=self.token)


def ids(flow: dict[str, Any]) -> list[int]:
    """The ids of all that a form says."""
    said = [*flow["ui"].get("messages", ()), *(each for node in flow["ui"]["nodes"] for each in node["messages"])]
    return [message["id"] for message in said]


def text_of(flow: dict[str, Any], name: str) -> Any:
    """The context of a text node."""
    node = next(node for node in flow["ui"]["nodes"] if node["attributes"].get("id") == name)
    return node["attributes"]["text"]["context"]
