"""Tools about relations and their databags."""

from juju_sandbox import applications, relation_events, relations
from juju_sandbox.failures import ToolError
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools.calls import Call, Tool


def relation_ids(context: HookContext, call: Call) -> str:
    endpoint = call.words[0] if call.words else context.hook.endpoint
    if endpoint not in context.charm.endpoints:
        raise ToolError(f'unknown endpoint "{endpoint}"')
    return call.answer([f"{endpoint}:{number}" for number in context.relations_of(endpoint)])


def relation_list(context: HookContext, call: Call) -> str:
    end = context.relation(call.option("--relation"))
    if call.flag("--app"):
        return call.answer(context.remote_application(end["relation"]))
    return call.answer(_members(context, end["relation"]))


def _members(context: HookContext, relation: int) -> list[str]:
    known = set(relation_events.members(context.store, relation, context.unit))
    if context.hook.relation == relation and context.hook.remote_unit:
        if context.hook.kind == "relation-departed":
            known.discard(context.hook.remote_unit)
        else:
            known.add(context.hook.remote_unit)
    return sorted(known)


def relation_get(context: HookContext, call: Call) -> str:
    end = context.relation(call.option("--relation"))
    words = [word for word in call.words if word]
    member = words[1] if len(words) > 1 else context.hook.remote_unit or context.hook.remote_app
    if not member:
        raise ToolError("no unit or application specified")
    if call.flag("--app"):
        member = member.partition("/")[0]
    _check_readable(context, end["relation"], end["role"], member)
    bag = relations.read(context.store, end["relation"], member)
    key = words[0] if words else "-"
    return call.answer(bag if key == "-" else bag.get(key))


def _check_readable(context: HookContext, relation: int, role: str, member: str) -> None:
    """An application's own bag is its leader's, save among peers; own units beside oneself only among peers."""
    remote = context.remote_application(relation)
    own = member.partition("/")[0] == context.application
    if own and role != "peers" and member != context.unit and not (member == context.application and context.leader):
        raise ToolError("permission denied")
    if not own and member.partition("/")[0] != remote:
        raise ToolError(f'"{member}" is not part of the relation')
    if "/" in member and member != context.unit and not _was_there(context, relation, member):
        raise ToolError(f'cannot read settings for unit "{member}" in relation: unit "{member}": settings not found')


def _was_there(context: HookContext, relation: int, member: str) -> bool:
    """In scope; the bag of a unit that has gone is read until one has been told that it departed."""
    in_scope = context.store.value("SELECT 1 FROM scope WHERE relation = ? AND unit = ?", relation, member)
    known = relation_events.seen_version(context.store, relation, context.unit, member) is not None
    return bool(in_scope) or known or context.hook.remote_unit == member


def relation_set(context: HookContext, call: Call) -> str:
    end = context.relation(call.option("--relation"))
    relation = end["relation"]
    values = call.pairs()
    if path := call.option("--file"):
        values |= relations.parse_settings(call.stdin if path == "-" else call.files[path])
    if not call.flag("--app"):
        relations.write(context.store, relation, context.unit, values)
        return ""
    context.require_leader("cannot write relation settings")
    relations.write(context.store, relation, context.application, values)
    if end["role"] == "peers":
        # The writer is not told of its own words.
        version = relations.version(context.store, relation, context.application)
        relation_events.note_seen(context.store, relation, context.unit, context.application, version)
    return ""


def relation_model_get(context: HookContext, call: Call) -> str:
    context.relation(call.option("--relation"))
    return call.answer({"uuid": applications.fact(context.store, "uuid")})


TOOLS: dict[str, Tool] = {
    "relation-ids": relation_ids,
    "relation-list": relation_list,
    "relation-get": relation_get,
    "relation-set": relation_set,
    "relation-model-get": relation_model_get,
}
