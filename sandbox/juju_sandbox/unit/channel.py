"""Messages, with open sockets among them, between the sandbox and a unit's host process."""

import array
import json
import socket
from typing import Any

Message = dict[str, Any]


class Channel:
    """Lines of JSON over a stream socket; a message with ``"socket": true`` brings one."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self._buffer = b""
        self._sockets: list[int] = []

    def send(self, message: Message, carried: socket.socket | None = None) -> None:
        data = json.dumps(message | ({"socket": True} if carried else {})).encode() + b"\n"
        if carried is None:
            self.stream.sendall(data)
            return
        sent = socket.send_fds(self.stream, [data], [carried.fileno()])
        self.stream.sendall(data[sent:])

    def receive(self) -> list[tuple[Message, socket.socket | None]] | None:
        """Waits for data; returns the messages that are complete, or None when the other side has gone."""
        size = array.array("i").itemsize
        try:
            data, ancillary, _, _ = self.stream.recvmsg(1 << 16, socket.CMSG_SPACE(16 * size))
        except ConnectionError:
            return None
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(content[: len(content) - len(content) % size])
                self._sockets.extend(numbers)
        if not data:
            return None
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [self._open(json.loads(line)) for line in lines]

    def _open(self, message: Message) -> tuple[Message, socket.socket | None]:
        if not message.pop("socket", False):
            return message, None
        return message, socket.socket(fileno=self._sockets.pop(0))
