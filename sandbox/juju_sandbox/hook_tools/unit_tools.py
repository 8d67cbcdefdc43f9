"""Tools about the unit and its application: config, leadership, status, ports, storage, network."""

import re
from typing import Any

from juju_sandbox import applications, options, relations
from juju_sandbox.failures import ToolError
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools.calls import Call, Tool
from juju_sandbox.moments import now

STATUSES = ("active", "blocked", "waiting", "maintenance")
LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def config_get(context: HookContext, call: Call) -> str:
    values = options.effective(context.store, context.application, context.charm.options)
    return call.answer(values.get(call.words[0]) if call.words else values)


def is_leader(context: HookContext, call: Call) -> str:
    return call.answer(context.leader)


def juju_log(context: HookContext, call: Call) -> str:
    level = (call.option("--log-level") or "INFO").upper()
    hook = context.hook
    relation = f"{hook.endpoint}:{hook.relation}: " if hook.relation is not None else ""
    context.log(
        level if level in LEVELS else "INFO",
        f"juju-log.{hook.name}" if hook.kind == "action" else "juju-log",
        relation + " ".join(call.words),
    )
    return ""


def status_set(context: HookContext, call: Call) -> str:
    status = call.word(0, "status")
    if status not in STATUSES:
        raise ToolError(f'invalid status "{status}", expected one of {list(STATUSES)}')
    said = (status, " ".join(call.words[1:]))
    if call.flag("--application"):
        context.require_leader()
        context.spoken.app_status = said
    else:
        context.spoken.unit_status = said
    return ""


def status_get(context: HookContext, call: Call) -> str:
    if not call.flag("--application"):
        shown = _status(context, context.unit, context.spoken.unit_status)
        return call.answer(shown if call.flag("--include-data") else shown["status"])
    context.require_leader()
    shown = _status(context, context.application, context.spoken.app_status)
    units = {row["name"]: _status(context, row["name"], None) for row in _units(context)}
    return call.answer({"application-status": shown | {"units": units}})


def _units(context: HookContext) -> list[Any]:
    return applications.units_of(context.store, context.application)


def _status(context: HookContext, entity: str, said: tuple[str, str] | None) -> dict[str, Any]:
    if said is None:
        row = context.store.first("SELECT status, message FROM status WHERE entity = ?", entity)
        said = (row["status"], row["message"]) if row else ("unknown", "")
    return {"status": said[0], "message": said[1], "status-data": {}}


def application_version_set(context: HookContext, call: Call) -> str:
    context.spoken.version = call.word(0, "version")
    return ""


def open_port(context: HookContext, call: Call) -> str:
    context.store.run("INSERT OR IGNORE INTO port VALUES (?, ?)", context.unit, _port(call))
    return ""


def close_port(context: HookContext, call: Call) -> str:
    context.store.run("DELETE FROM port WHERE unit = ? AND port = ?", context.unit, _port(call))
    return ""


def _port(call: Call) -> str:
    """``4433/tcp``, ``4433-4440/udp``, ``4433`` (tcp) or ``icmp``, as Juju normalises it."""
    text = call.word(0, "port or range").lower()
    match = re.fullmatch(r"(\d+)(?:-(\d+))?(?:/(tcp|udp))?", text)
    if text != "icmp" and not (match and 1 <= int(match[1]) <= int(match[2] or match[1]) <= 65535):
        raise ToolError(f'invalid port "{text}"; expected <port>[/<protocol>], <from>-<to>[/<protocol>] or icmp')
    return text if not match or match[3] else f"{text}/tcp"


def opened_ports(context: HookContext, call: Call) -> str:
    return call.answer(context.store.column("SELECT port FROM port WHERE unit = ? ORDER BY port", context.unit))


def goal_state(context: HookContext, call: Call) -> str:
    alive = [row for row in _units(context) if row["life"] == "alive"]
    found: dict[str, Any] = {"units": {row["name"]: _goal(context, row["name"]) for row in alive}, "relations": {}}
    for end in context.charm.endpoints.values():
        for number in context.relations_of(end.name):
            remote = context.remote_application(number)
            goals = found["relations"].setdefault(end.name, {})
            goals[remote] = {"status": "joined", "since": now()}
            for row in applications.units_of(context.store, remote):
                goals[row["name"]] = _goal(context, row["name"])
    return call.answer(found)


def _goal(context: HookContext, unit: str) -> dict[str, str]:
    row = context.store.first("SELECT status, since FROM status WHERE entity = ?", unit)
    return {"status": row["status"], "since": row["since"]} if row else {"status": "waiting", "since": now()}


def network_get(context: HookContext, call: Call) -> str:
    binding = call.word(0, "binding name")
    if binding not in context.charm.endpoints and binding != "juju-info":
        raise ToolError(f'cannot get network info for undefined endpoint binding "{binding}"')
    if call.option("--relation"):
        context.relation(call.option("--relation"))
    address = context.address
    whole: dict[str, Any] = {
        "bind-addresses": [
            {
                "mac-address": "",
                "interface-name": "lo",
                "addresses": [{"hostname": "", "value": address, "cidr": "", "address": address}],
            }
        ],
        "egress-subnets": [f"{address}/32"],
        "ingress-addresses": [address],
    }
    for flag, value in (("bind-address", address), ("ingress-address", address), ("egress-subnets", f"{address}/32")):
        if call.flag(f"--{flag}"):
            return call.answer(value)
    return call.answer(whole)


def unit_get(context: HookContext, call: Call) -> str:
    if call.word(0, "setting") not in ("private-address", "public-address"):
        raise ToolError(f'unknown setting "{call.words[0]}"')
    return call.answer(context.address)


def resource_get(context: HookContext, call: Call) -> str:
    name = call.word(0, "resource name")
    path = context.store.value(
        "SELECT path FROM resource WHERE application = ? AND name = ?", context.application, name
    )
    if not path:
        raise ToolError(f"could not download resource: resource#{context.application}/{name} not found")
    return path


def storage_list(context: HookContext, call: Call) -> str:
    wanted = call.words[0] if call.words else None
    return call.answer(sorted(key for key in context.storage if wanted in (None, key.partition("/")[0])))


def storage_get(context: HookContext, call: Call) -> str:
    identifier = call.option("--storage") or context.hook.storage
    if identifier not in context.storage:
        raise ToolError(f'invalid value "{identifier}" for option -s: storage not found')
    found = {"kind": "filesystem", "location": context.storage[identifier]}
    return call.answer(found[call.words[0]] if call.words else found)


def storage_add(context: HookContext, call: Call) -> str:
    name = call.word(0, "storage").partition("=")[0]
    known = name in context.charm.storage
    raise ToolError(
        f'storage "{name}" of "{context.unit}" cannot grow: a pod\'s volumes are fixed when it is made'
        if known
        else f'charm storage "{name}" not found'
    )


def credential_get(context: HookContext, call: Call) -> str:
    if not applications.get(context.store, context.application)["trust"]:
        raise ToolError("cannot access cloud credentials: permission denied")
    raise ToolError("cannot access cloud credentials: a sandbox runs on no cloud")


def juju_reboot(context: HookContext, call: Call) -> str:
    raise ToolError("juju-reboot is not supported on Kubernetes")


def state_get(context: HookContext, call: Call) -> str:
    rows = context.store.all("SELECT key, value FROM charm_state WHERE unit = ?", context.unit)
    values = {row["key"]: row["value"] for row in rows}
    if not call.words or call.words[0] == "-":
        return call.answer(values)
    if call.words[0] not in values:
        raise ToolError(f'"{call.words[0]}" not found')
    return call.answer(values[call.words[0]])


def state_set(context: HookContext, call: Call) -> str:
    values = call.pairs() | relations_from_file(call)
    for key, value in values.items():
        context.store.run("INSERT OR REPLACE INTO charm_state VALUES (?, ?, ?)", context.unit, key, value)
    return ""


def state_delete(context: HookContext, call: Call) -> str:
    key = call.word(0, "key")
    context.store.run("DELETE FROM charm_state WHERE unit = ? AND key = ?", context.unit, key)
    return ""


def relations_from_file(call: Call) -> dict[str, str]:
    return relations.parse_settings(call.stdin) if call.option("--file") == "-" else {}


TOOLS: dict[str, Tool] = {
    "config-get": config_get,
    "is-leader": is_leader,
    "juju-log": juju_log,
    "status-set": status_set,
    "status-get": status_get,
    "application-version-set": application_version_set,
    "open-port": open_port,
    "close-port": close_port,
    "opened-ports": opened_ports,
    "goal-state": goal_state,
    "network-get": network_get,
    "unit-get": unit_get,
    "resource-get": resource_get,
    "storage-list": storage_list,
    "storage-get": storage_get,
    "storage-add": storage_add,
    "credential-get": credential_get,
    "juju-reboot": juju_reboot,
    "state-get": state_get,
    "state-set": state_set,
    "state-delete": state_delete,
}
