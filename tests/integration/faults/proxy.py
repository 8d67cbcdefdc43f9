"""A line between a server and its database that can be slow, or swallow everything without ending a connection."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Proxy:
    """Passes bytes on, from a thread of its own.

    Attributes:
        delay: seconds by which every piece is late, in the direction of the database.
        stalled: swallow what comes, from either side.
        round_trips: how often the client has said something.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.delay = 0.0
        self.stalled = False
        self.round_trips = 0

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, back, counted=True), self._pass(there, writer, counted=False))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        try:
            while data := await reader.read(65536):
                if counted:
                    self.round_trips += 1
                    await asyncio.sleep(self.delay)
                if not self.stalled:
                    writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    async def run(self, started: threading.Event, stop: threading.Event) -> None:
        """Serves until it is told to stop."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        while not stop.is_set():  # noqa: ASYNC110 - set from another thread
            await asyncio.sleep(0.02)
        server.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """A line to a port on loopback."""
    line, started, stop = Proxy(target), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(line.run(started, stop)))
    thread.start()
    assert started.wait(10)
    try:
        yield line
    finally:
        stop.set()
        thread.join()
