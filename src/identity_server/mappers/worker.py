"""The program of a worker process: evaluates Jsonnet from its standard input, within limits, until that ends.

Runs by its path, isolated, with nothing of the server imported. Arguments: the folder that holds the Jsonnet
library, the bytes of address space, the most bytes of a result. A frame is four bytes of length, then that many
bytes; a request is JSON, an answer one letter and its text.
"""

import json
import math
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

HEADER = struct.Struct(">I")
READY, VALUE, ERROR, TOO_LARGE, OUT_OF_MEMORY = b"R", b"V", b"E", b"L", b"M"
_MOST_ERROR = 1024
_MOST_STACK = 500

Evaluate = Callable[..., str]


def main(folder: str, memory: int, most: int) -> None:
    """Answer frames until the standard input ends."""
    sys.path.append(folder)
    from rjsonnet import evaluate_snippet

    _confine(memory)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    _send(answers, READY)
    while header := requests.read(HEADER.size):
        (length,) = HEADER.unpack(header)
        _send(answers, _answer(evaluate_snippet, requests.read(length), most))


def _confine(memory: int) -> None:
    """No more memory than given, no file, no process, no core dump; all of it for good."""
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _answer(evaluate: Evaluate, frame: bytes, most: int) -> bytes:
    try:
        request: dict[str, Any] = json.loads(frame)
        _limit_processor(request["seconds"])
        value = evaluate(
            "snippet",
            request["snippet"],
            max_stack=_MOST_STACK,
            ext_codes=request["ext"],
            tla_codes=request["tla"],
            import_callback=_refuse_import,
        ).encode()
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception as error:  # the library raises RuntimeError; whatever else it may raise is the snippet's doing
        return ERROR + str(error).encode("utf-8", "replace")[:_MOST_ERROR]
    return VALUE + value if len(value) <= most else TOO_LARGE


def _limit_processor(seconds: float) -> None:
    """End a runaway even when the server, which would stop it sooner, is gone."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))


def _refuse_import(folder: str, name: str) -> tuple[str, str | None]:
    raise RuntimeError("imports are not allowed")


def _send(stream: BinaryIO, frame: bytes) -> None:
    stream.write(HEADER.pack(len(frame)) + frame)
    stream.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
