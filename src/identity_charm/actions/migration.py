"""Migrating the related database by hand."""

import pydantic

from .. import status
from ..values import Value
from ..workload import WorkloadError
from .action import ActionContext, ActionError, Results


class Migration(Value):
    """Parameters of ``run-migration``."""

    timeout: float = pydantic.Field(default=120, gt=0, allow_inf_nan=False)


def run_migration(context: ActionContext, params: Migration) -> Results:
    """``version`` of the server the database now fits."""
    seen = context.reconciler.seen
    if not seen.leader:
        raise ActionError("Only the leader may migrate the database; juju status marks it with a star")
    for found in status.of(seen, status.BEFORE_MIGRATION):
        raise ActionError(f"The database cannot be migrated now: {found.message}")
    if seen.embedded:
        raise ActionError("The embedded database is migrated by the server itself; there is nothing to do")
    try:
        context.log(context.reconciler.migrate(params.timeout))
    except WorkloadError as refused:
        raise ActionError(f"The database migration did not finish: {refused}") from None
    context.reconciler.run()
    return {"version": context.reconciler.seen.version}
