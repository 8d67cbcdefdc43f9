"""The charm's options, typed."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import ops
import pydantic

from .values import Value


def listed(text: str) -> list[str]:
    """The members of a list written with commas, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _addresses(text: str) -> str:
    for url in listed(text):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
            raise ValueError("give addresses such as https://app.example.com, separated by commas")
    return text


def _origins(text: str) -> str:
    for url in listed(_addresses(text)):
        if urlsplit(url).path or urlsplit(url).query:
            raise ValueError("give origins such as https://app.example.com, without a path, separated by commas")
    return text


def _duration(text: str) -> str:
    if not re.fullmatch(r"([0-9]+(ms|s|m|h))+", text):
        raise ValueError("give a duration such as 30m, 12h or 1h30m")
    return text


def _quantity(text: str) -> str:
    if not re.fullmatch(r"([0-9]+(\.[0-9]+)?(m|[kKMGTPE]i?)?)?", text):
        raise ValueError("give a Kubernetes quantity such as 500m, 2 or 512Mi")
    return text


def _sender(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}", text):
        raise ValueError("give an e-mail address")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line")
    return text


Addresses = Annotated[str, pydantic.AfterValidator(_addresses)]
Duration = Annotated[str, pydantic.AfterValidator(_duration)]
LogLevel = Literal["trace", "debug", "info", "warning", "error", "fatal", "panic"]
OneLine = Annotated[str, pydantic.AfterValidator(_one_line)]
Origins = Annotated[str, pydantic.AfterValidator(_origins)]
Quantity = Annotated[str, pydantic.AfterValidator(_quantity)]
Sender = Annotated[str, pydantic.AfterValidator(_sender)]


class Options(Value):
    """Every option of ``config.yaml``; the names are the same."""

    # Accounts and sign-in.
    enable_local_idp: bool = True
    enable_registration: bool = False
    enable_verification: bool = False
    enforce_mfa: bool = True
    enable_passwordless_login_method: bool = False
    enable_oidc_webauthn_sequencing: bool = False
    identity_schemas: str = ""
    default_identity_schema_id: str = ""

    # Passwords and sessions.
    password_min_length: int = pydantic.Field(default=8, ge=6, le=1000)
    password_check_similarity: bool = True
    password_check_breaches: bool = False
    password_hashing_algorithm: Literal["argon2", "bcrypt"] = "bcrypt"
    session_lifespan: Duration = "24h"

    # Defence.
    mitigate_account_enumeration: bool = False
    brute_force_free_attempts: int = pydantic.Field(default=10, ge=1, le=1_000_000)
    brute_force_longest_wait: Duration = "15m"
    enable_audit_trail: bool = False
    allowed_return_urls: Addresses = ""
    cors_allowed_origins: Origins = ""
    admin_api_keys: ops.Secret | None = None
    keyless_admin_api: Literal["cluster", "route", "never"] = "cluster"

    # Messages.
    sender_email: Sender = "identity@example.com"
    sender_name: OneLine = "Identity server"
    recovery_email_template: str = ""
    courier_message_retries: int = pydantic.Field(default=5, ge=0, le=1000)

    # Operation.
    log_level: LogLevel = "info"
    dev: bool = False
    migrate_automatically: bool = True
    cpu: Quantity = ""
    memory: Quantity = ""
    http_proxy: OneLine = ""
    https_proxy: OneLine = ""
    no_proxy: OneLine = ""

    @pydantic.model_validator(mode="after")
    def _one_use_of_keys(self) -> "Options":
        if self.enable_passwordless_login_method and self.enable_oidc_webauthn_sequencing:
            raise ValueError("enable_passwordless_login_method and enable_oidc_webauthn_sequencing exclude each other")
        return self

    @property
    def environment(self) -> dict[str, str]:
        """The proxies, for what the server calls."""
        given = {"HTTP_PROXY": self.http_proxy, "HTTPS_PROXY": self.https_proxy, "NO_PROXY": self.no_proxy}
        return {name: value for name, value in given.items() if value}
