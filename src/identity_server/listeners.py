"""The sockets of the two listeners and the servers on them."""

import asyncio
import base64
import contextlib
import grp
import os
import pwd
import resource
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from identity_server import contract
from identity_server.configuration import Configuration
from identity_server.errors import StorageError
from identity_server.web.protocol import AdminProtocol, Protocol

#: Requests that are still under way this long after the last connection was accepted are cut.
GRACE_SECONDS = contract.DRAIN_SECONDS - 1.25
KEEP_ALIVE_SECONDS = {"public": 120, "admin": 600}
BACKLOG = 2048
_MOST_FILES = 65536
_OTHER_FILES = 44
_FEWEST_CONNECTIONS = 8


class CannotListen(StorageError):
    """An address that cannot be listened on; the text names it and the reason."""


class Listener(uvicorn.Server):
    """A server whose signals are the process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """None of its own."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends after every connection that the kernel has accepted, also those that nobody here has seen yet."""
        waiting = [one for sock in sockets or [] for one in _accepted(sock)]
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for one in waiting:
            with contextlib.suppress(OSError):
                await loop.connect_accepted_socket(self._protocol, one, ssl=self.config.ssl)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        options: dict[str, Any] = {"config": self.config, "server_state": self.server_state, "app_state": {}}
        return self.config.http_protocol_class(**options)


def _accepted(sock: socket.socket) -> Iterator[socket.socket]:
    while True:
        try:
            yield sock.accept()[0]
        except OSError:
            return


def most_connections() -> int:
    """How many connections one listener may have: each is a file, and databases and answers need some as well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return max(_FEWEST_CONNECTIONS, min(soft, _MOST_FILES) - _OTHER_FILES)


def open_listener(side: str, application: ASGIApp, configuration: Configuration) -> tuple[Listener, socket.socket]:
    """A server and its socket, bound already so that a port in use is known at once.

    Raises:
        CannotListen: when the address or the certificate cannot be used.
    """
    key, certificate = (_tls_file(configuration, side, part) for part in ("key", "cert"))
    config = uvicorn.Config(
        application,
        http=AdminProtocol if side == "admin" else Protocol,
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        limit_concurrency=most_connections(),
        timeout_keep_alive=KEEP_ALIVE_SECONDS[side],
        timeout_graceful_shutdown=GRACE_SECONDS,  # pyright: ignore[reportArgumentType] - seconds, whole or not
        ssl_keyfile=key,
        ssl_certfile=certificate,
    )
    try:
        config.load()
    except OSError as error:
        raise CannotListen(f"serve.{side}.tls: the key or certificate cannot be used: {error}") from error
    return Listener(config), _socket(configuration, side)


def _tls_file(configuration: Configuration, side: str, part: str) -> str | None:
    path = configuration.text(f"serve.{side}.tls.{part}.path")
    inline = configuration.text(f"serve.{side}.tls.{part}.base64")
    if path or not inline:
        return path
    handle, name = tempfile.mkstemp(prefix="kratos-tls-")
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64decode(inline))
    return name


def _socket(configuration: Configuration, side: str) -> socket.socket:
    host = configuration.text(f"serve.{side}.host") or "0.0.0.0"  # noqa: S104 - Kratos' documented default
    try:
        if host.startswith("unix:"):
            sock = _unix_socket(configuration, side, host.removeprefix("unix:"))
        else:
            sock = _tcp_socket(host.strip("[]"), configuration.integer(f"serve.{side}.port"))
    except (OSError, LookupError) as error:
        where = host if host.startswith("unix:") else f"{host}:{configuration.integer(f'serve.{side}.port')}"
        raise CannotListen(f"cannot listen on {where} (serve.{side}): {error}") from error
    sock.listen(BACKLOG)
    sock.setblocking(False)
    return sock


def _tcp_socket(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def _unix_socket(configuration: Configuration, side: str, path: str) -> socket.socket:
    if Path(path).exists() and stat.S_ISSOCK(os.stat(path).st_mode):
        os.unlink(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(path)
    os.chmod(path, configuration.integer(f"serve.{side}.socket.mode") or 0o755)
    owner, group = (configuration.text(f"serve.{side}.socket.{part}") for part in ("owner", "group"))
    if owner or group:
        uid = pwd.getpwnam(owner).pw_uid if owner else -1
        os.chown(path, uid, grp.getgrnam(group).gr_gid if group else -1)
    return sock
