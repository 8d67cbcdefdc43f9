"""``kratos-login-webhook`` and ``kratos-registration-webhook``: who is told, or asked, when people sign in or up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import ops
import pydantic

from ..values import Value
from . import bags

Flow = Literal["login", "registration"]
#: The methods a flow can end with.
METHODS: dict[Flow, tuple[str, ...]] = {
    "login": ("password", "oidc", "code", "passkey", "webauthn", "totp", "lookup_secret"),
    "registration": ("password", "oidc", "code", "passkey", "webauthn"),
}


class _Bag(Value):
    """What a provider writes, as text."""

    url: str = ""
    body: str = ""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    mode: Literal["before", "after"] = "after"
    methods: str = ""
    weight: int = 0
    response_ignore: bool = False
    response_parse: bool = False
    auth_type: str = ""
    auth_config_name: str = ""
    auth_config_in: Literal["", "header", "cookie"] = ""
    auth_config_value: str = pydantic.Field(default="", repr=False)
    auth_config_value_secret: str = ""


@dataclass(frozen=True)
class Webhook:
    """One hook, as the server's configuration spells it."""

    mode: Literal["before", "after"]
    methods: Sequence[str]
    weight: int
    config: dict[str, Any] = field(repr=False)

    def settings(self, *, analytics: bool) -> dict[str, Any]:
        """An element of a list ``hooks``."""
        return {"hook": "web_hook", "config": {**self.config, "emit_analytics_event": analytics}}


@dataclass(frozen=True)
class Webhooks:
    """The hooks of a flow, the lightest first."""

    flow: Flow
    hooks: Sequence[Webhook] = ()

    @classmethod
    def load(cls, model: ops.Model, flow: Flow) -> "Webhooks":
        """Read all relations.

        Raises:
            RelationError: when one of them makes no sense.
        """
        endpoint = f"kratos-{flow}-webhook"
        found = [
            _hook(model, endpoint, flow, relation) for relation, bag in bags.remotes(model, endpoint) if bag.get("url")
        ]
        # The same hook twice is refused by the server.
        once = [hook for number, hook in enumerate(found) if hook not in found[:number]]
        return cls(flow, tuple(sorted(once, key=lambda hook: hook.weight)))

    def before(self, *, analytics: bool) -> list[dict[str, Any]]:
        """What runs when the flow starts."""
        return [hook.settings(analytics=analytics) for hook in self.hooks if hook.mode == "before"]

    def after(self, method: str, *, analytics: bool) -> list[dict[str, Any]]:
        """What runs when somebody got through. A method's list replaces the flow's, so each has them all."""
        wanted = (hook for hook in self.hooks if hook.mode == "after" and method in hook.methods)
        return [hook.settings(analytics=analytics) for hook in wanted]


def _hook(model: ops.Model, endpoint: str, flow: Flow, relation: ops.Relation) -> Webhook:
    try:
        bag = relation.load(_Bag, relation.app, decoder=str)
    except ValueError as refused:
        raise bags.RelationError(f"{endpoint}: {refused}") from None
    if bag.response_ignore and bag.response_parse:
        raise bags.RelationError(f"{endpoint}: response_ignore and response_parse exclude each other")
    # A file:// body would let another application read what lies beside the server.
    if not bag.body.startswith(("base64://", "http://", "https://")):
        raise bags.RelationError(f"{endpoint}: body must be a base64:// or http(s):// address")
    config: dict[str, Any] = {
        "url": bags.web_url(endpoint, "url", bag.url),
        "method": bag.method,
        "body": bag.body,
        "response": {"ignore": bag.response_ignore, "parse": bag.response_parse},
    }
    if auth := _auth(model, relation, bag):
        config["auth"] = auth
    return Webhook(bag.mode, _methods(endpoint, flow, bag.methods), bag.weight, config)


def _methods(endpoint: str, flow: Flow, text: str) -> Sequence[str]:
    found = bags.parsed(endpoint, "methods", text) if text else []
    if not isinstance(found, list) or not set(map(str, found)) <= set(METHODS[flow]):
        raise bags.RelationError(f"{endpoint}: methods must be a list of {', '.join(METHODS[flow])}")
    return tuple(found) or METHODS[flow]


def _auth(model: ops.Model, relation: ops.Relation, bag: _Bag) -> dict[str, Any]:
    if not (bag.auth_type and bag.auth_config_name and bag.auth_config_in):
        return {}
    value = bag.auth_config_value
    if bag.auth_config_value_secret:
        value = bags.secret_of(model, relation, bag.auth_config_value_secret).get("auth-config-value", "")
        if not value:
            raise bags.RelationError(f"{relation.name}: the secret with its key is not granted to this application")
    if not value:
        return {}
    if bag.auth_type != "api_key":
        raise bags.RelationError(f"{relation.name}: auth_type must be api_key")
    return {"type": "api_key", "config": {"name": bag.auth_config_name, "value": value, "in": bag.auth_config_in}}
