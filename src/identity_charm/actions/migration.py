"""Migrating the related database by hand."""

import pydantic

from identity_server import contract

from .. import status
from ..values import Value
from ..workload import WorkloadError
from .action import ActionContext, ActionError, Results

#: Where identities of the charm before stand while they are taken over.
OTHERS_FILE = f"{contract.DATA_FOLDER}/exchange/identities-before.jsonl"


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
    foreign = seen.foreign
    try:
        context.log(context.reconciler.migrate(params.timeout))
    except WorkloadError as refused:
        raise ActionError(f"The database migration did not finish: {refused}") from None
    context.reconciler.run()
    if foreign:
        _take_over(context, params.timeout)
    return {"version": context.reconciler.seen.version}


def _take_over(context: ActionContext, timeout: float) -> None:
    try:
        context.log(context.reconciler.workload.take_over(OTHERS_FILE, timeout))
    except WorkloadError as refused:
        command = " ".join(contract.import_command(OTHERS_FILE))
        raise ActionError(
            f"The server runs, but not all identities of the charm before were taken over: {refused}; "
            f"they are in {OTHERS_FILE}, from where this takes them in the container: {command}"
        ) from None
