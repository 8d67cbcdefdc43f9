"""Runs one hook: a transaction around a dispatch of the charm."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from juju_sandbox import applications, completion
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_server import HookServer
from juju_sandbox.hooks import Hook
from juju_sandbox.moments import now
from juju_sandbox.pods import Pod
from juju_sandbox.resolver import Observed
from juju_sandbox.store import Row, Store

JUJU_VERSION = "3.6.12"
FIRST_RETRY_SECONDS = 5.0
MOST_RETRY_SECONDS = 300.0


class HookFailed(Exception):
    """The dispatch ended with another code than 0."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit status {code}")
        self.code = code


@dataclass
class Agent:
    """The unit agents of a model, which take turns."""

    store: Store
    server: HookServer
    outside_ports: set[int]

    def run(self, unit: str, hook: Hook, pod: Pod, observed: Observed) -> bool:
        """Runs a hook and commits what it wrote, or drops it; returns whether it ran well."""
        context = self._context(unit, hook, pod)
        if hook.kind == "action":
            self.store.run("UPDATE task SET status = 'running', started = ? WHERE id = ?", now(), hook.task)
        try:
            with self.store.transaction():
                completion.prepare(self.store, unit, hook)
                self._dispatch(context, pod)
                completion.complete(context, observed)
                self.store.run("UPDATE unit SET failure = NULL WHERE name = ?", unit)
        except HookFailed as failed:
            self._failed(context, failed)
            return False
        finally:
            self._keep_spoken(context)
        return True

    def _context(self, unit: str, hook: Hook, pod: Pod) -> HookContext:
        application = unit.partition("/")[0]
        charm = applications.files_of(self.store, application)
        return HookContext(
            store=self.store,
            unit=unit,
            hook=hook,
            charm=charm,
            leader=applications.get(self.store, application)["leader"] == unit,
            storage=self._storage(unit, hook, pod),
            parameters=self._parameters(hook),
        )

    def _storage(self, unit: str, hook: Hook, pod: Pod) -> dict[str, str]:
        rows = self.store.all("SELECT id, name, attached FROM storage WHERE unit = ?", unit)
        known = [row for row in rows if row["attached"] == 1 or row["id"] == hook.storage]
        locations = {Path(source).name: location for source, location in pod.spec.storage}
        return {row["id"]: locations[row["id"].replace("/", "-")] for row in known}

    def _parameters(self, hook: Hook) -> dict[str, object]:
        text = self.store.value("SELECT parameters FROM task WHERE id = ?", hook.task)
        return json.loads(text) if text else {}

    def _dispatch(self, context: HookContext, pod: Pod) -> None:
        log = Path(pod.spec.folder) / "charm.log"
        before = log.stat().st_size if log.exists() else 0
        with self.server.serving(context) as number:
            code = pod.dispatch(self._environment(context) | {"JUJU_CONTEXT_ID": number}, log)
        for line in _written(log, before):
            context.log("DEBUG", f"unit.{context.unit}.{context.hook.name}", line)
        if code:
            raise HookFailed(code)

    def _environment(self, context: HookContext) -> dict[str, str]:
        fixed = {
            "JUJU_MODEL_NAME": applications.fact(self.store, "name"),
            "JUJU_MODEL_UUID": applications.fact(self.store, "uuid"),
            "JUJU_UNIT_NAME": context.unit,
            "JUJU_VERSION": JUJU_VERSION,
            "JUJU_AVAILABILITY_ZONE": "",
            "CLOUD_API_VERSION": "",
            "KRATOS_SANDBOX_OUTSIDE": json.dumps(sorted(self.outside_ports)),
        }
        return fixed | context.hook.environment()

    def _failed(self, context: HookContext, failed: HookFailed) -> None:
        if context.hook.kind == "action":
            completion.finish_task(context, context.spoken.failure or str(failed), failed.code)
            return
        before = self.store.value("SELECT failure FROM unit WHERE name = ?", context.unit)
        attempts = json.loads(before)["attempts"] + 1 if before else 1
        pause = min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), MOST_RETRY_SECONDS)
        note = {"hook": context.hook.to_json(), "attempts": attempts, "next": time.time() + pause}
        self.store.run("UPDATE unit SET failure = ? WHERE name = ?", json.dumps(note), context.unit)
        context.log("ERROR", "juju.worker.uniter.operation", f'hook "{context.hook.name}" failed: {failed}')

    def _keep_spoken(self, context: HookContext) -> None:
        """Writes what counts even when the hook failed."""
        spoken, store = context.spoken, self.store
        with store.transaction():
            for time_, level, module, message in spoken.logs:
                store.run(
                    "INSERT INTO log (time, entity, level, module, message) VALUES (?, ?, ?, ?, ?)",
                    *(time_, f"unit-{context.unit.replace('/', '-')}", level, module, message),
                )
            if not store.value("SELECT 1 FROM unit WHERE name = ?", context.unit):
                return
            for entity, said in ((context.unit, spoken.unit_status), (context.application, spoken.app_status)):
                if said:
                    set_status(store, entity, *said)
            if spoken.version is not None:
                store.run("UPDATE application SET version = ? WHERE name = ?", spoken.version, context.application)


def _written(log: Path, before: int) -> list[str]:
    """What the charm's process printed, such as a traceback."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(before)
        return file.read(1 << 20).decode(errors="replace").splitlines()


def set_status(store: Store, entity: str, status: str, message: str) -> None:
    """Notes a status; `since` moves only when it says something new."""
    row = store.first("SELECT status, message FROM status WHERE entity = ?", entity)
    if row is None or (row["status"], row["message"]) != (status, message):
        store.run("INSERT OR REPLACE INTO status VALUES (?, ?, ?, ?)", entity, status, message, now())


def failed_hook(store: Store, unit: Row) -> tuple[Hook, float] | None:
    """The hook in which a unit is stuck and when to try it again; None when its cause is gone."""
    if not unit["failure"]:
        return None
    note = json.loads(unit["failure"])
    hook = Hook.from_json(note["hook"])
    gone = hook.relation is not None and not store.value("SELECT 1 FROM relation WHERE id = ?", hook.relation)
    if gone or (hook.secret and not store.value("SELECT 1 FROM secret WHERE id = ?", hook.secret)):
        store.run("UPDATE unit SET failure = NULL WHERE name = ?", unit["name"])
        return None
    return hook, note["next"]
