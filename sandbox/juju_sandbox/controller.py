"""The model at work: one thread that carries out commands, lets actors answer, and runs one hook after the other.

Taking turns is the sandbox's simplification: units of a real model run their hooks at the same time.
"""

import contextlib
import queue
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from juju_sandbox import applications, completion
from juju_sandbox.actors.actor import World
from juju_sandbox.agent import Agent, failed_hook, set_status
from juju_sandbox.failures import SandboxError
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_server import HookServer
from juju_sandbox.hooks import Hook
from juju_sandbox.landlord import Landlord
from juju_sandbox.moments import now
from juju_sandbox.network import Network
from juju_sandbox.places import Places
from juju_sandbox.pods import Pod, PodGone
from juju_sandbox.resolver import next_hook
from juju_sandbox.services import Services
from juju_sandbox.stage import Stage
from juju_sandbox.store import Row, Store
from juju_sandbox.tools import Tools

Job = tuple[Callable[[], Any], Future[Any], bool]
#: How often the model looks up without being called: timers, retries.
IDLE_SECONDS = 0.5


class Controller:
    """Owns the store's writing connection and everything that runs."""

    def __init__(self, places: Places, tools: Tools, *, isolated: bool) -> None:
        self.places = places
        self.store = Store(places.database)
        applications.prepare_model(self.store, "sandbox")
        self.sockets = places.make_sockets()
        hooks = self.sockets / "agent"
        hooks.mkdir(mode=0o700, exist_ok=True)
        self._server = HookServer(hooks / "hooks.socket")
        self.world = World(self.store, places, Services(places.services))
        self.stage = Stage(self.world)
        self.network = Network()
        self.landlord = Landlord(places, tools, self.sockets, isolated=isolated)
        self._agent = Agent(self.store, self._server, set())
        self._jobs: queue.Queue[Job] = queue.Queue()
        self._stopping = threading.Event()
        self.destroy_at_end = False
        #: Unit → ports that it opened and that another program of this machine holds.
        self.complaints: dict[str, list[str]] = {}
        self._busy = True
        #: Whether every unit knows all there is; a failed hook that waits for its next try counts as known.
        self.settled = False
        self._next_update = 0.0
        #: The unit and hook that run at this moment.
        self.executing: tuple[str, str] | None = None
        #: Set whenever something has been committed, for those who wait.
        self.changed = threading.Condition()

    def submit(self, work: Callable[[], Any], *, quiet: bool = False) -> Any:
        """Runs a command in the model's thread, as one transaction; its result or its error is the caller's.

        Args:
            work: the command.
            quiet: that nothing need follow from it; other commands make the units busy until all has followed.
        """
        if self._stopping.is_set():
            raise SandboxError("the sandbox is stopping")
        future: Future[Any] = Future()
        self._jobs.put((work, future, quiet))
        return future.result()

    def stop(self) -> None:
        self._stopping.set()
        self._jobs.put((lambda: None, Future(), True))

    def run(self) -> None:
        """Works until `stop`."""
        self.store.run(
            "UPDATE task SET status = 'failed', message = 'the sandbox was stopped' WHERE status = 'running'"
        )
        watching = threading.Thread(target=self._watch, name="watcher", daemon=True)
        watching.start()
        try:
            while not self._stopping.is_set():
                self._turn()
        finally:
            self.close()

    def _turn(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._carry_out(*self._jobs.get(timeout=0 if self._busy else IDLE_SECONDS))
            while True:
                self._carry_out(*self._jobs.get_nowait())
        self._timers()
        self.stage.settle()
        self._busy = any([self._advance(unit) for unit in self._charm_units()])
        self.settled = not self._busy and self._jobs.empty() and not self.landlord.starting
        with self.changed:
            self.changed.notify_all()

    def _charm_units(self) -> list[Row]:
        return self.store.all(
            "SELECT unit.* FROM unit JOIN application AS a ON a.name = application WHERE actor = 0 ORDER BY unit.name"
        )

    def _carry_out(self, work: Callable[[], Any], future: "Future[Any]", quiet: bool) -> None:
        if not quiet:
            self.settled = False
        try:
            with self.store.transaction():
                result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def _timers(self) -> None:
        if time.monotonic() >= self._next_update:
            if self._next_update:
                self.store.run("UPDATE unit SET update_due = 1 WHERE started = 1 AND failure IS NULL")
            self._next_update = time.monotonic() + self._update_interval()

    def _update_interval(self) -> float:
        return duration(applications.fact(self.store, "update-status-hook-interval"))

    def restart_update_timer(self) -> None:
        self._next_update = time.monotonic() + self._update_interval()

    def _advance(self, unit: Row) -> bool:
        """Runs a unit's next hook; returns whether there was one."""
        self._agent.outside_ports = {port for ports in self.world.ports.values() for port in ports}
        pod = self._pod(unit)
        if pod is None:
            return False
        hook = self._next(unit)
        if hook is None:
            return False
        self.executing = (unit["name"], hook.name)
        try:
            self._agent.run(unit["name"], hook, pod, self.landlord.observed(unit["name"]))
        except PodGone as gone:
            self._report(unit["name"], str(gone))
            self._forget(unit["name"])
        finally:
            self.executing = None
        self._afterwards(unit["name"])
        return True

    def _next(self, unit: Row) -> Hook | None:
        observed = self.landlord.observed(unit["name"])
        stuck = failed_hook(self.store, unit)
        if stuck is None:
            return next_hook(self.store, unit, observed)
        hook, moment = stuck
        if self._pending_action(unit["name"]):
            return next_hook(self.store, unit, observed) if unit["started"] else None
        automatic = applications.fact(self.store, "automatically-retry-hooks") == "true"
        return hook if moment == 0 or (automatic and time.time() >= moment) else None

    def _pending_action(self, unit: str) -> bool:
        return bool(self.store.value("SELECT 1 FROM task WHERE unit = ? AND status = 'pending'", unit))

    def _pod(self, unit: Row) -> Pod | None:
        try:
            pod = self.landlord.pod(self.store, unit)
            self.network.offer(pod, {port for ports in self.world.ports.values() for port in ports})
        except (SandboxError, OSError) as error:
            self._report(unit["name"], str(error))
            set_status(self.store, unit["name"], "error", f"the sandbox could not make the pod: {error}")
            self._forget(unit["name"])
            return None
        return pod

    def _afterwards(self, unit: str) -> None:
        """Brings the machine in step with what the hook committed."""
        if not self.store.value("SELECT 1 FROM unit WHERE name = ?", unit):
            self._forget(unit)
            self.landlord.forget_unit(unit)
            return
        row = applications.get_unit(self.store, unit)
        if applications.get(self.store, row["application"])["leader"] == unit and row["life"] != "alive":
            applications.elect(self.store, row["application"])
        pod = self.landlord.existing(unit)
        if pod:
            ports = self.store.column("SELECT port FROM port WHERE unit = ? AND port LIKE '%/tcp'", unit)
            wanted = {int(port.partition("/")[0]) for port in ports if "-" not in port}
            self.complaints[unit] = self.network.expose(pod, wanted)
            for complaint in self.complaints[unit]:
                self._report(unit, complaint)

    def _forget(self, unit: str) -> None:
        self.complaints.pop(unit, None)
        self.network.forget(unit)
        self.landlord.evict(unit)

    def _report(self, unit: str, message: str) -> None:
        newest = self.store.value("SELECT message FROM log ORDER BY id DESC LIMIT 1")
        if newest != message:
            self.store.run(
                "INSERT INTO log (time, entity, level, module, message) VALUES (?, ?, 'ERROR', 'sandbox', ?)",
                *(now(), f"unit-{unit.replace('/', '-')}", message),
            )

    def _watch(self) -> None:
        while not self._stopping.wait(self.landlord.pause):
            sightings = self.landlord.look()
            with contextlib.suppress(SandboxError):
                self.submit(lambda found=sightings: self.landlord.note(found), quiet=True)

    def skip_failed(self, unit: Row) -> None:
        """Takes a failed hook for done, as ``juju resolved --no-retry`` does."""
        stuck = failed_hook(self.store, unit)
        if stuck:
            context = HookContext(
                self.store, unit["name"], stuck[0], applications.files_of(self.store, unit["application"]), leader=False
            )
            completion.prepare(self.store, unit["name"], stuck[0])
            completion.complete(context, self.landlord.observed(unit["name"]))
        self.store.run("UPDATE unit SET failure = NULL WHERE name = ?", unit["name"])

    def _dismiss_actors(self) -> None:
        """The data of the actors' programs may lie outside the model's folder."""
        self.store.run("UPDATE application SET life = 'dying' WHERE actor = 1")
        self.stage.settle()

    def close(self) -> None:
        """Ends everything that was started."""
        self._stopping.set()
        self.landlord.close()
        if self.destroy_at_end:
            self._dismiss_actors()
        self.stage.close()
        self.world.services.close()
        self.network.close()
        self._server.close()
        self.store.close()
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()[1].cancel()
        shutil.rmtree(self.sockets, ignore_errors=True)
        Path(self.places.folder / "sockets").unlink(missing_ok=True)


def duration(text: str) -> float:
    """Seconds of ``5m``, ``90s``, ``1h30m``.

    Raises:
        SandboxError: It is none.
    """
    rest, total = text, 0.0
    for unit, factor in (("h", 3600), ("m", 60), ("s", 1)):
        before, found, after = rest.partition(unit)
        if found:
            if not before.replace(".", "", 1).isdigit():
                break
            total, rest = total + float(before) * factor, after
    if rest or not total:
        raise SandboxError(f'"{text}" is no duration; write for example 5m, 90s or 1h30m')
    return total
