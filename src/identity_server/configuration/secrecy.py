"""Shows values without their secrets."""

import re
from typing import Any

from identity_server.configuration.tree import Path, is_secret

HIDDEN = "(hidden)"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
#: Parameters of data source names and mail servers that say nothing about access.
_HARMLESS = re.compile(
    r"(sslmode|max_\w+|_\w+|mode|cache|application_name|connect_timeout|disable_starttls|skip_ssl_verify|server_name)"
)


def without_password(url: str) -> str:
    """The URL with what may be a password left out.

    A password may hold any character where it was not escaped, so everything between the first colon and the last
    ``@`` goes, and so do all parameters that we do not know.
    """
    match = _URL.fullmatch(url)
    if not match:
        return HIDDEN
    scheme, rest = match.groups()
    if "@" in rest:
        access, _, rest = rest.rpartition("@")
        user, colon, _ = access.partition(":")
        rest = f"{user}:{HIDDEN}@{rest}" if colon else f"{HIDDEN}@{rest}"
    rest, question, query = rest.partition("?")
    return f"{scheme}://{rest}{question}{'&'.join(map(_parameter, query.split('&')))}"


def _parameter(text: str) -> str:
    name, equals, _ = text.partition("=")
    return text if _HARMLESS.fullmatch(name) else f"{name}{equals}{HIDDEN if equals else ''}"


def hidden(path: Path, value: Any) -> Any:
    """A copy of the value at ``path`` that may be shown."""
    if isinstance(value, dict):
        return {name: hidden((*path, name), item) for name, item in value.items()}
    if isinstance(value, list):
        return [hidden((*path, str(index)), item) for index, item in enumerate(value)]
    if value in (None, "") or not isinstance(value, str):
        return HIDDEN if value not in (None, "") and is_secret(path) else value
    if path in (("dsn",), ("courier", "smtp", "connection_uri")):
        return value if value == "memory" else without_password(value)
    if is_secret(path):
        return HIDDEN
    return without_password(value) if ("@" in value or "?" in value) and _URL.fullmatch(value) else value
