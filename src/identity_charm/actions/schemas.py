"""Trying identity schemas before they become an option."""

import pydantic

from .. import identity_schemas, rendering, settings
from ..identity_schemas import IdentitySchemas, SchemaError
from ..values import Value
from ..workload import WorkloadError
from .action import ActionContext, ActionError, Results


class Schemas(Value):
    """Parameters of ``validate-identity-schema``."""

    identity_schemas: str = pydantic.Field(min_length=1)
    default_identity_schema_id: str = ""


def validate_identity_schema(context: ActionContext, params: Schemas) -> Results:
    """``valid``, and the ids the server would have. The server itself is asked; nothing changes."""
    try:
        own = identity_schemas.parse(params.identity_schemas)
        default = params.default_identity_schema_id or min(own)
        schemas = IdentitySchemas.load(params.identity_schemas, default)
    except SchemaError as refused:
        raise ActionError(f"The schemas cannot be used: {refused}") from None
    seen = context.reconciler.seen
    if not seen.reachable:
        raise ActionError("The container has not started; the schemas look right, but the server could not be asked")
    usable = seen.usable
    if usable is None:
        raise ActionError("The server could not be asked: other options cannot be used; see juju status")
    text = rendering.render("kratos.yaml.j2", settings=settings.build(usable.with_schemas(schemas)))
    try:
        refusal = context.reconciler.workload.refuses(text)
    except WorkloadError as silent:
        raise ActionError(f"The schemas look right, but the server could not be asked: {silent}") from None
    if refusal:
        raise ActionError(f"The server would not start with these schemas: {refusal}")
    return {"valid": True, "schemas": ", ".join(sorted(schemas.documents)), "default": schemas.default}
