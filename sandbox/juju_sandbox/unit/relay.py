"""Carries TCP connections over the border of a unit's network.

A socket stays in the network in which it was made, whoever holds it: the side that listens makes the socket, the
other side is handed it, accepts there and connects at home.
"""

import asyncio
import contextlib
import socket


class Relay:
    """The listening sockets that this process serves, by name."""

    def __init__(self) -> None:
        self._servers: dict[str, asyncio.Server] = {}

    async def serve(self, name: str, listening: socket.socket, host: str, port: int) -> None:
        """Passes each connection on to an address that this process can reach."""

        async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection(host, port)
                await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
                far_writer.close()
            writer.close()

        await self.drop(name)
        self._servers[name] = await asyncio.start_server(passed, sock=listening)

    async def drop(self, name: str) -> None:
        server = self._servers.pop(name, None)
        if server:
            server.close()

    async def keep_only(self, names: set[str]) -> None:
        for name in set(self._servers) - names:
            await self.drop(name)

    @property
    def names(self) -> set[str]:
        return set(self._servers)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket in this process's network; raises OSError when the port is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen(64)
    listening.setblocking(False)
    return listening
