"""Being told, or asked, by an identity server when people sign in or sign up.

For charms that provide ``kratos_login_webhook`` or ``kratos_registration_webhook``. In ``metadata.yaml``::

    provides:
      kratos-registration-webhook:
        interface: kratos_registration_webhook
        optional: true

In the charm::

    from charms.kratos.v0.kratos_webhooks import KratosRegistrationWebhookProvider, Webhook

    class MyCharm(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            self._webhook = KratosRegistrationWebhookProvider(self)
            for event in (self.on.config_changed, self.on["kratos-registration-webhook"].relation_created):
                framework.observe(event, self._reconcile)

        def _reconcile(self, event):
            if self.unit.is_leader():
                hook = Webhook(url="https://my-app/hook", body=as_body("function(ctx) {id: ctx.identity.id}"))
                self._webhook.publish(hook, api_key="…")

The key goes into a secret of the application that is granted to each relation, never into the relation's data.
Publishing again with another key makes a new revision, which the identity server takes up by itself.

The library emits no events and sets no status.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import ops

LIBID = "0f3f2b7a8a1e4b0d9e6c8f6d2a7e5c21"
LIBAPI = 0
LIBPATCH = 1

SECRET_KEY = "auth-config-value"


def as_body(jsonnet: str) -> str:
    """Jsonnet that makes the request's body, ``function(ctx) …``, as the address that ``Webhook.body`` wants."""
    return "base64://" + base64.b64encode(jsonnet.encode()).decode("ascii")


@dataclass(frozen=True)
class Webhook:
    """A request that the identity server makes.

    Attributes:
        url: where to.
        body: a ``base64://`` or ``http(s)://`` address of Jsonnet; see ``as_body``.
        method: of the request.
        mode: when, ``before`` the flow or ``after`` somebody got through.
        methods: for which ways to sign in; none for all.
        weight: lighter hooks run first.
        response_ignore: do not wait for the answer.
        response_parse: read the answer; it may change the identity (registration), or end the flow.
        auth_name: the name of the header or cookie with the key.
        auth_in: where the key goes.
    """

    url: str
    body: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    mode: Literal["before", "after"] = "after"
    methods: Sequence[str] = ()
    weight: int = 0
    response_ignore: bool = False
    response_parse: bool = False
    auth_name: str = "Authorization"
    auth_in: Literal["header", "cookie"] = "header"


class _Provider:
    """Writes the relation.

    Args:
        charm: whose relation it is.
        relation_name: the name of the endpoint in ``metadata.yaml``.
    """

    RELATION_NAME: ClassVar[str]
    METHODS: ClassVar[Sequence[str]]

    def __init__(self, charm: ops.CharmBase, relation_name: str = "") -> None:
        self._charm = charm
        self._relation_name = relation_name or self.RELATION_NAME

    def publish(self, webhook: Webhook, api_key: str = "") -> None:
        """Ask all related identity servers for the webhook. Only the leader may.

        Raises:
            ValueError: when the webhook names a method that the flow has not, or contradicts itself.
        """
        self._check(webhook)
        relations = self._charm.model.relations[self._relation_name]
        secret = self._secret(api_key) if api_key and relations else None
        for relation in relations:
            if secret:
                secret.grant(relation)
            relation.data[self._charm.app].update(self._bag(webhook, _id(secret) if secret else ""))

    def withdraw(self) -> None:
        """Ask for no webhook any more. Only the leader may."""
        for relation in self._charm.model.relations[self._relation_name]:
            bag = relation.data[self._charm.app]
            bag.update(dict.fromkeys(list(bag), ""))

    def _check(self, webhook: Webhook) -> None:
        if unknown := set(webhook.methods) - set(self.METHODS):
            raise ValueError(f"methods {sorted(unknown)} are none of {list(self.METHODS)}")
        if webhook.response_ignore and webhook.response_parse:
            raise ValueError("an answer that is ignored cannot be parsed")

    def _bag(self, webhook: Webhook, secret_id: str) -> dict[str, str]:
        return {
            "url": webhook.url,
            "body": webhook.body,
            "method": webhook.method,
            "mode": webhook.mode,
            "methods": json.dumps(list(webhook.methods)),
            "weight": str(webhook.weight),
            "response_ignore": str(webhook.response_ignore),
            "response_parse": str(webhook.response_parse),
            "auth_type": "api_key" if secret_id else "",
            "auth_config_name": webhook.auth_name if secret_id else "",
            "auth_config_in": webhook.auth_in if secret_id else "",
            "auth_config_value_secret": secret_id,
        }

    def _secret(self, api_key: str) -> ops.Secret:
        label = f"{self._relation_name}-api-key"
        content = {SECRET_KEY: api_key}
        try:
            secret = self._charm.model.get_secret(label=label)
        except ops.SecretNotFoundError:
            return self._charm.app.add_secret(content, label=label)
        if secret.peek_content() != content:
            secret.set_content(content)
        return secret


def _id(secret: ops.Secret) -> str:
    return str(secret.id or secret.get_info().id)


class KratosLoginWebhookProvider(_Provider):
    """For ``kratos_login_webhook``."""

    RELATION_NAME = "kratos-login-webhook"
    METHODS = ("password", "oidc", "code", "passkey", "webauthn", "totp", "lookup_secret")


class KratosRegistrationWebhookProvider(_Provider):
    """For ``kratos_registration_webhook``."""

    RELATION_NAME = "kratos-registration-webhook"
    METHODS = ("password", "oidc", "code", "passkey", "webauthn")
