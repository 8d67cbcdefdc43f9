"""A few threads for long computations, with a bounded queue and the lowest claim on the processor."""

import asyncio
import contextlib
import math
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from identity_server.passwords.errors import PoolBusy

T = TypeVar("T")

_NICENESS = 10
_LONGEST_RETRY = 60


class Workers:
    """Runs jobs in threads that start with the first job.

    The threads are daemons: a computation of seconds must not hold up the end of the process, which the
    supervisor kills shortly after asking it to stop.

    Args:
        count: threads, so the most computations (and their memory) at one time.
        waiting: jobs that may wait beyond those running.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._count = count
        self._most = count + waiting
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open = 0
        self._threads = 0
        self._seconds = 0.1

    async def run(self, job: Callable[[], T]) -> T:
        """The job's result. A caller that goes away while its job still waits takes the job with it.

        Raises:
            PoolBusy: at once, when the queue is full.
        """
        return await asyncio.wrap_future(self._submit(job))

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            if self._open >= self._most:
                raise PoolBusy(self._retry_after())
            self._open += 1
            start = self._threads < min(self._count, self._open)
            self._threads += start
        future.add_done_callback(self._leave)
        if start:
            self._start_thread(future)
        self._jobs.put((future, job))
        return future

    def _start_thread(self, future: Future[Any]) -> None:
        try:
            threading.Thread(target=self._work, name="hashing", daemon=True).start()
        except RuntimeError:
            # The machine grants no thread; others that run may take the next job.
            with self._lock:
                self._threads -= 1
            future.cancel()
            raise

    def _leave(self, _: Future[Any]) -> None:
        with self._lock:
            self._open -= 1

    def _retry_after(self) -> int:
        return min(max(1, math.ceil(self._open * self._seconds / self._count)), _LONGEST_RETRY)

    def _work(self) -> None:
        with contextlib.suppress(AttributeError, OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            future, job = self._jobs.get()
            if not future.set_running_or_notify_cancel():
                continue
            began = time.monotonic()
            try:
                future.set_result(job())
            except BaseException as error:  # handed to the caller, who awaits it
                future.set_exception(error)
            self._seconds += (time.monotonic() - began - self._seconds) / 8
