"""The Admin UI's authorisation model, as facts: the types and relations that its permission checks ask for."""

from typing import Any

ADMIN_UI_STORE = "identity-platform-admin-ui-store"
RESOURCES = ("identity", "scheme", "client", "provider", "application", "role", "group")
CAN = ("can_create", "can_delete", "can_edit", "can_view")
#: Editing includes deleting, viewing includes editing.
IMPLIED = {"can_edit": "can_delete", "can_view": "can_edit"}


def authorization_model() -> dict[str, Any]:
    """The body of a write-model request, schema 1.1."""
    return {
        "schema_version": "1.1",
        "type_definitions": [{"type": "user"}, _privileged(), *(_resource(name) for name in RESOURCES)],
    }


def _privileged() -> dict[str, Any]:
    return _type("privileged", {"admin": ({"this": {}}, [{"type": "user"}])})


def _resource(name: str) -> dict[str, Any]:
    """`admin from privileged` may do everything; roles and groups have members."""
    relations: dict[str, Any] = {"privileged": ({"this": {}}, [{"type": "privileged"}])}
    people = [{"type": "user"}, {"type": "group", "relation": "member"}]
    if name == "role":
        relations["assignee"] = (_union(_from_privileged()), people)
    if name == "group":
        relations["member"] = (_union(_from_privileged()), people)
    for can in CAN:
        others = [{"computedUserset": {"relation": IMPLIED[can]}}] if can in IMPLIED else []
        allowed = [{"type": "user"}, {"type": "role", "relation": "assignee"}, {"type": "group", "relation": "member"}]
        allowed += [{"type": "user", "wildcard": {}}] if can == "can_view" else []
        relations[can] = (_union(*others, _from_privileged()), allowed)
    return _type(name, relations)


def _from_privileged() -> dict[str, Any]:
    return {"tupleToUserset": {"tupleset": {"relation": "privileged"}, "computedUserset": {"relation": "admin"}}}


def _union(*others: dict[str, Any]) -> dict[str, Any]:
    return {"union": {"child": [{"this": {}}, *others]}}


def _type(name: str, relations: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> dict[str, Any]:
    allowed = {key: {"directly_related_user_types": types} for key, (_, types) in relations.items()}
    return {
        "type": name,
        "relations": {key: rewrite for key, (rewrite, _) in relations.items()},
        "metadata": {"relations": allowed},
    }
