"""What the model notes once a hook has run well."""

import json
import time

from juju_sandbox import applications, relation_events, relations, vault
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hooks import Hook
from juju_sandbox.moments import now
from juju_sandbox.resolver import Observed, config_digest
from juju_sandbox.store import Store


def prepare(store: Store, unit: str, hook: Hook) -> None:
    """What must hold before the hook runs; rolled back with it."""
    if hook.kind == "relation-created" and hook.relation is not None:
        relations.enter(store, hook.relation, unit, applications.get_unit(store, unit)["address"])


def complete(context: HookContext, observed: Observed) -> None:
    """Records that the unit has been told."""
    store, unit, hook = context.store, context.unit, context.hook
    if hook.kind.startswith("relation-"):
        _relation(store, unit, hook)
    elif hook.kind.startswith("secret-"):
        _secret(store, unit, hook)
    elif hook.kind.startswith("storage-"):
        attached = 1 if hook.kind == "storage-attached" else 2
        store.run("UPDATE storage SET attached = ? WHERE id = ?", attached, hook.storage)
    elif hook.kind in ("pebble-ready", "check-failed", "check-recovered", "notice"):
        _workload(store, unit, hook, observed)
    elif hook.kind == "action":
        _action(context)
    else:
        _lifecycle(store, unit, hook)


def _lifecycle(store: Store, unit: str, hook: Hook) -> None:
    application = applications.get(store, unit.partition("/")[0])
    if hook.kind in ("install", "upgrade-charm"):
        # Juju follows an upgrade with config-changed, whether or not an option changed.
        store.run(
            "UPDATE unit SET installed = 1, charm_seen = ?, config_seen = NULL WHERE name = ?",
            *(application["revision"], unit),
        )
    elif hook.kind == "config-changed":
        store.run("UPDATE unit SET config_seen = ? WHERE name = ?", config_digest(store, application["name"]), unit)
    elif hook.kind == "remove":
        for relation in store.column("SELECT relation FROM scope WHERE unit = ?", unit):
            relations.leave(store, relation, unit)
        applications.bury_unit(store, unit)
    else:
        change = {
            "leader-elected": "leader_seen = 1",
            "start": "started = 1",
            "stop": "started = 0",
            "update-status": "update_due = 0",
        }[hook.kind]
        store.run(f"UPDATE unit SET {change} WHERE name = ?", unit)  # noqa: S608 - one of the four above


def _relation(store: Store, unit: str, hook: Hook) -> None:
    assert hook.relation is not None
    relation_events.note(store, unit, hook)
    if hook.kind == "relation-changed":
        member = hook.remote_unit or hook.remote_app
        version = relations.version(store, hook.relation, member)
        relation_events.note_seen(store, hook.relation, unit, member, version)


def _secret(store: Store, unit: str, hook: Hook) -> None:
    revision = (hook.secret, hook.secret_revision)
    if hook.kind == "secret-changed":
        latest = vault.latest_revision(store, hook.secret)
        store.run("UPDATE secret_consumer SET told = ? WHERE secret = ? AND unit = ?", latest, hook.secret, unit)
    elif hook.kind == "secret-rotate":
        row = store.first("SELECT rotate, rotates FROM secret WHERE id = ?", hook.secret)
        if row and row["rotates"] and row["rotates"] <= time.time():
            vault.set_rotation(store, hook.secret, row["rotate"])
    elif hook.kind == "secret-expired":
        store.run("UPDATE secret_revision SET told_expired = 1 WHERE secret = ? AND revision = ?", *revision)
    else:
        store.run("UPDATE secret_revision SET told_remove = 1 WHERE secret = ? AND revision = ?", *revision)


def _workload(store: Store, unit: str, hook: Hook, observed: Observed) -> None:
    container = (unit, hook.workload)
    if hook.kind == "pebble-ready":
        boot = observed.boots.get(hook.workload)
        store.run("INSERT OR REPLACE INTO container VALUES (?, ?, ?)", *container, boot)
        store.run("DELETE FROM unhealthy WHERE unit = ? AND container = ?", *container)
    elif hook.kind == "check-failed":
        store.run("INSERT OR IGNORE INTO unhealthy VALUES (?, ?, ?)", *container, hook.check)
    elif hook.kind == "check-recovered":
        store.run("DELETE FROM unhealthy WHERE unit = ? AND container = ? AND name = ?", *container, hook.check)
    else:
        observed.notices = [notice for notice in observed.notices if notice[1:] != hook.notice]


def _action(context: HookContext) -> None:
    finish_task(context, context.spoken.failure, 0)


def finish_task(context: HookContext, failure: str | None, code: int) -> None:
    """Closes a task with what the action has said; a failure keeps the results that were set before it."""
    spoken = context.spoken
    context.store.run(
        "UPDATE task SET status = ?, message = ?, results = ?, code = ?, log = ?, completed = ? WHERE id = ?",
        "completed" if failure is None else "failed",
        failure or "",
        json.dumps(spoken.results),
        code,
        json.dumps(spoken.action_log),
        now(),
        context.hook.task,
    )
