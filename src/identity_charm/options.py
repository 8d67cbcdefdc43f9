"""The charm's options, typed."""

from typing import Annotated, Literal

import pydantic

from .values import Value

EmailAddress = Annotated[str, pydantic.StringConstraints(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=320)]
LogLevel = Literal["trace", "debug", "info", "warning", "error", "fatal", "panic"]


class Options(Value):
    """Every option of ``config.yaml``; the names are the same."""

    log_level: LogLevel = "info"
    dev: bool = False
    enable_local_idp: bool = True
    enforce_mfa: bool = True
    enable_verification: bool = False
    sender_email: EmailAddress = "identity@example.com"
    sender_name: str = "Identity server"
    identity_schemas: str = ""
    default_identity_schema_id: str = ""
