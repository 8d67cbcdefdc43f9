"""``smtp``: the mail server."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import ops

from . import bags

ENDPOINT = "smtp"


@dataclass(frozen=True)
class Smtp:
    """How mail is handed over. Without ``host`` there is no mail server."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "none"
    verify: bool = True
    sender: str = ""
    domain: str = ""

    @classmethod
    def load(cls, model: ops.Model) -> "Smtp":
        """Read the relation; the password always in its newest revision.

        Raises:
            RelationError: when the host, the port or the kind of encryption makes no sense, or the secret is another's.
        """
        relation = bags.first(model, ENDPOINT)
        bag = bags.remote(relation)
        if relation is None or not bag.get("host"):
            return cls()
        security = bag.get("transport_security", "none")
        if security not in ("none", "starttls", "tls"):
            raise bags.RelationError(f"{ENDPOINT}: transport_security must be none, starttls or tls")
        login = bag.get("auth_type", "plain") == "plain"
        password = bags.secret_of(model, relation, bag.get("password_id", "")).get("password", "") or bag.get(
            "password", ""
        )
        return cls(
            host=_host(bag["host"]),
            port=_port(bag.get("port", "")),
            user=bag.get("user", "") if login else "",
            password=password if login else "",
            security=security,
            verify=bag.get("skip_ssl_verify", "").lower() != "true",
            sender=_sender(bag.get("smtp_sender", "")),
            domain=bag.get("domain", ""),
        )

    @property
    def uri(self) -> str:
        """The address with the login, each part escaped: a password may hold any character."""
        scheme = "smtps" if self.security == "tls" else "smtp"
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        options: dict[str, str] = {}
        if self.security == "none":
            options["disable_starttls"] = "true"
        elif not self.verify:
            options["skip_ssl_verify"] = "true"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{login}{host}:{self.port}/" + (f"?{urlencode(options)}" if options else "")

    def settings(self) -> dict[str, Any]:
        """The connection in ``courier``."""
        return {"courier": {"smtp": {"connection_uri": self.uri}}} if self.host else {}


def _host(found: str) -> str:
    host = found.strip("[]")
    if not bags.is_web_url(f"http://[{host}]/" if ":" in host else f"http://{host}/") or set(host) & set("@/?#"):
        raise bags.RelationError(f"{ENDPOINT}: host is not the name of a host")
    return host


def _sender(found: str) -> str:
    if found and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", found):
        raise bags.RelationError(f"{ENDPOINT}: smtp_sender is not an e-mail address")
    return found


def _port(found: str) -> int:
    if not found.isascii() or not found.isdigit() or not 0 < int(found) < 65536:
        raise bags.RelationError(f"{ENDPOINT}: port must be a number up to 65535")
    return int(found)
