"""The process that stands for a unit's pod: it runs the containers' Pebble and the charm's dispatches.

It is started as ``python -m juju_sandbox.unit.host SOCKET-NUMBER``, reads the unit's spec as the first message
and ends, with all that it started, when the other side of the socket closes.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from juju_sandbox.unit import plain, spaces
from juju_sandbox.unit.channel import Channel, Message
from juju_sandbox.unit.relay import Relay, listen
from juju_sandbox.unit.rooms import IsolatedRooms, Room, Rooms
from juju_sandbox.unit.spec import UnitSpec

HERE = Path(__file__).resolve().parent
#: The number of an open file that a program is given besides the usual three.
CARRIED = 3
#: Pebble gives its services five seconds and then kills them.
STOP_SECONDS = 8.0

Request = tuple[Message, socket.socket | None]


class UnitHost:
    """Carries out the sandbox's requests, one message each."""

    def __init__(self, spec: UnitSpec, channel: Channel, rooms: Rooms) -> None:
        self._spec, self._channel, self._rooms = spec, channel, rooms
        self._relay = Relay()
        self._running: dict[int, asyncio.Future[int]] = {}
        #: The socket of the interpreter that waits for dispatches.
        self._warm: socket.socket | None = None
        self._containers: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._requests: dict[str, Callable[..., Coroutine[Any, Any, Message]]] = {
            "dispatch": self._dispatch,
            "start": self._start,
            "stop": self._stop,
            "listen": self._listen,
            "serve": self._serve,
            "drop": self._drop,
        }

    async def run(self, early: list[Request]) -> None:
        """Serves until the other side has gone, beginning with requests that arrived together with the spec."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._channel.stream.fileno(), self._receive)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        self._accept(early)
        await self._ended.wait()
        await asyncio.gather(*(self._stop(name) for name in list(self._containers)))

    def _receive(self) -> None:
        messages = self._channel.receive()
        if messages is None:
            asyncio.get_running_loop().remove_reader(self._channel.stream.fileno())
            self._ended.set()
        self._accept(messages or [])

    def _accept(self, messages: list[Request]) -> None:
        for message, carried in messages:
            task = asyncio.ensure_future(self._carry_out(message, carried))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, message: Message, carried: socket.socket | None) -> None:
        number, request = message.pop("id"), self._requests[message.pop("do")]
        try:
            answer = await (request(carried=carried, **message) if carried else request(**message))
        except OSError as error:
            answer: Message = {"error": str(error)}
        made = answer.pop("carried", None)
        with contextlib.suppress(OSError):
            self._channel.send({"id": number} | answer, made)

    def _reap(self) -> None:
        """Collects ended children, strangers included: as first process, orphans become ours."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                future = self._running.pop(pid, None)
                if future and not future.done():
                    future.set_result(os.waitstatus_to_exitcode(status))

    def _spawn(self, room: Room, argv: list[str], environment: dict[str, str], carried: int | None = None) -> int:
        """Starts a program in a room; a socket that is carried has the number 3 there."""
        pid = os.fork()
        if pid:
            self._running[pid] = asyncio.get_running_loop().create_future()
            return pid
        try:
            if carried is not None:
                os.dup2(carried, CARRIED)
            room.enter(2 if carried is None else CARRIED)
            os.execve(argv[0], argv, environment)  # noqa: S606 - no shell is wanted
        except BaseException as error:
            os.write(2, f"cannot run {argv[0]}: {error}\n".encode())
        finally:
            os._exit(126)

    async def _dispatch(self, environment: dict[str, str], log: str) -> Message:
        """Runs the charm once, in a child of the interpreter that waits."""
        loop = asyncio.get_running_loop()
        own = self._rooms.dispatch_environment()
        request = json.dumps(own | environment).encode() + b"\n"
        if self._warm is None:
            self._warm = self._warm_up(own, Path(log))
        with contextlib.suppress(OSError):
            await loop.sock_sendall(self._warm, request)
            if said := await loop.sock_recv(self._warm, 64):
                return {"code": int(said)}
        # It died, perhaps in the middle of the hook, which therefore counts as failed and is not run twice here.
        self._warm.close()
        self._warm = None
        return {"code": 137}

    def _warm_up(self, environment: dict[str, str], log: Path) -> socket.socket:
        near, far = socket.socketpair()
        with far:
            argv = [self._spec.python, str(HERE / "warm.py"), str(CARRIED)]
            paths = {"PYTHONPATH": f"{environment['PYTHONPATH']}:{HERE.parents[1]}"}
            self._spawn(self._rooms.charm(log), argv, environment | paths, far.fileno())
        near.setblocking(False)
        return near

    async def _start(self, container: str) -> Message:
        await self._stop(container)
        spec = next(spec for spec in self._spec.containers if spec.name == container)
        room = self._rooms.workload(spec)
        environment = self._rooms.pebble_environment(spec)
        argv = [self._spec.pebble, "run", "--create-dirs", "--hold", "--verbose"]
        with self._rooms.first_process():
            self._containers[container] = self._spawn(room, argv, environment)
        return {}

    async def _stop(self, container: str, *, kill: bool = False) -> Message:
        pid = self._containers.pop(container, None)
        future = self._running.get(pid) if pid else None
        if pid and future:
            await self._end(pid, future, kill=kill)
        self._rooms.clear(container)
        return {}

    async def _end(self, pid: int, future: "asyncio.Future[int]", *, kill: bool) -> None:
        """Ends a container: gently, then by killing all that runs in it."""
        if not kill:
            os.kill(pid, signal.SIGTERM)
            await asyncio.wait([future], timeout=STOP_SECONDS)
        for each in [] if future.done() else self._rooms.processes(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        await asyncio.wait([future], timeout=STOP_SECONDS)

    async def _listen(self, port: int) -> Message:
        return {"carried": listen("127.0.0.1", port)}

    async def _serve(self, name: str, port: int, carried: socket.socket) -> Message:
        await self._relay.serve(name, carried, "127.0.0.1", port)
        return {}

    async def _drop(self, name: str) -> Message:
        await self._relay.drop(name)
        return {}


def main(number: int) -> int:
    """Enters the namespaces, when the spec says so, and serves until the sandbox goes away."""
    channel = Channel(socket.socket(fileno=number))
    messages = channel.receive()
    if not messages:
        return 1
    spec = UnitSpec.from_json(messages[0][0]["spec"])
    if not spec.isolated:
        asyncio.run(UnitHost(spec, channel, plain.PlainRooms(spec)).run(messages[1:]))
        return 0
    real_root = os.getuid() == 0
    spaces.unshare()
    child = os.fork()
    if child:
        channel.stream.close()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    spaces.isolate_mounts()
    spaces.raise_loopback()
    asyncio.run(UnitHost(spec, channel, IsolatedRooms(spec, strict=real_root)).run(messages[1:]))
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
