"""A running server's admin API, for commands that look at it from afar."""

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import Request, urlopen

import click

from identity_server.cli.failures import CommandFailed

F = TypeVar("F", bound=Callable[..., Any])
ADDRESS_VARIABLE, KEY_VARIABLE = "KRATOS_ADMIN_URL", "KRATOS_ADMIN_KEY"
_SECONDS = 60
_MOST_BYTES = 256 * 1024 * 1024


class RequestFailed(CommandFailed):
    """The server answered with an error, or not at all.

    Attributes:
        status: of the answer; 0 when there was none.
    """

    def __init__(self, said: str, status: int = 0) -> None:
        super().__init__(said)
        self.status = status


class AdminApi:
    """Calls of the admin API at one address.

    Args:
        address: such as ``http://127.0.0.1:4434``.
        key: sent as a Bearer key where the server asks for one.
    """

    def __init__(self, address: str, key: str | None = None) -> None:
        self._address = address.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "kratos-cli"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def call(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        """The answer's JSON and headers.

        Raises:
            RequestFailed: when the answer is an error, or there is none.
        """
        address = f"{self._address}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, **({"Content-Type": "application/json"} if data else {})}
        request = Request(address, data, headers, method=method)  # noqa: S310 - checked in connect
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                text = answer.read(_MOST_BYTES)
                return (json.loads(text) if text else None), dict(answer.headers)
        except HTTPError as error:
            raise RequestFailed(_said(error.read(1_000_000), error.code), error.code) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise RequestFailed(f"The server at {self._address} cannot be reached: {reason}") from None
        except ValueError:
            raise RequestFailed(f"The server at {self._address} answered with something else than JSON.") from None


def segment(text: str) -> str:
    """Text as one part of a path: no slash in it reaches another address."""
    return quote(text, safe="")


def next_page_token(headers: Mapping[str, str]) -> str:
    """The page token of the ``Link`` header's next page, or nothing."""
    link = next((value for name, value in headers.items() if name.lower() == "link"), "")
    for address, relation in re.findall(r'<([^>]*)>\s*;\s*rel="?([a-z]+)"?', link):
        if relation == "next":
            return parse_qs(urlsplit(address).query).get("page_token", [""])[0]
    return ""


def _said(data: bytes, status: int) -> str:
    """The server's own reason."""
    try:
        error = json.loads(data)["error"]
        parts = [str(error[name]) for name in ("message", "reason") if error.get(name)]
    except (ValueError, KeyError, TypeError):
        parts = []
    return f"The server answered {status}: {' '.join(parts) or 'it gave no reason.'}"


def connect(address: str | None) -> AdminApi:
    """The admin API at an address.

    Raises:
        CommandFailed: when the address is missing or none.
    """
    if not address:
        raise CommandFailed(f"No server is named. Set {ADDRESS_VARIABLE}, or give its admin address with --endpoint.")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CommandFailed(f"{address!r} is no server's address; allowed: http://HOST:PORT or https://HOST:PORT.")
    return AdminApi(address, os.environ.get(KEY_VARIABLE))


def endpoint(command: F) -> F:
    """``--endpoint``, given to the command as ``api``."""

    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> AdminApi:
        return connect(value)

    return click.option(
        "-e",
        "--endpoint",
        "api",
        envvar=ADDRESS_VARIABLE,
        callback=convert,
        metavar="URL",
        help=f"The admin API's address; also in {ADDRESS_VARIABLE}. A key for it goes into {KEY_VARIABLE}.",
    )(command)
