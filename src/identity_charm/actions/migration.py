"""Migrating the related database by hand."""

import pydantic

from identity_server import contract

from .. import status
from ..situation import Situation
from ..values import Value
from ..workload import NotRead, WorkloadError
from .action import ActionContext, ActionError, Results

#: Where identities of the server before stand while they are taken over.
OTHERS_FILE = f"{contract.DATA_FOLDER}/exchange/identities-before.jsonl"
_UNREAD = (
    "The tables are moved, but their identities could not be read, and none was taken over: {}; "
    "mend that and run the action again"
)


class Migration(Value):
    """Parameters of ``run-migration``."""

    timeout: float = pydantic.Field(default=120, gt=0, allow_inf_nan=False)
    take_over: bool = False


def run_migration(context: ActionContext, params: Migration) -> Results:
    """``version`` of the server the database now fits. What it could not finish it goes on with when run again."""
    seen = context.reconciler.seen
    _refuse_what_cannot_be(seen, params)
    try:
        context.log(context.reconciler.migrate(params.timeout))
    except WorkloadError as refused:
        raise ActionError(f"The database migration did not finish: {refused}") from None
    context.reconciler.run()
    if context.reconciler.seen.take_over_due:
        if refused := context.reconciler.failures.configuration:
            raise ActionError(_UNREAD.format(f"the server would not start with its configuration, {refused}"))
        _take_over(context, params.timeout)
    return {"version": context.reconciler.seen.version}


def _refuse_what_cannot_be(seen: Situation, params: Migration) -> None:
    if not seen.leader:
        raise ActionError("Only the leader may migrate the database; juju status marks it with a star")
    for found in status.of(seen, status.BEFORE_MIGRATION):
        raise ActionError(f"The database cannot be migrated now: {found.message}")
    if seen.embedded:
        raise ActionError("The embedded database is migrated by the server itself; there is nothing to do")
    if seen.contents and seen.contents.problem:
        raise ActionError(f"The database cannot be migrated now: {seen.contents.problem}")
    # Tables that this application did not make may be in use elsewhere, and moving them would end that.
    if seen.foreign and not (seen.peers.after_another_charm or params.take_over):
        raise ActionError(status.foreign_database(seen))


def _take_over(context: ActionContext, timeout: float) -> None:
    try:
        context.log(context.reconciler.take_over(OTHERS_FILE, timeout))
    except NotRead as refused:
        raise ActionError(_UNREAD.format(refused)) from None
    except WorkloadError as refused:
        raise ActionError(
            f"The server runs, but not all identities of the server before were taken over: {refused}; "
            f"those that were missing are in {OTHERS_FILE} of the container. Mend what is wrong and run the action "
            "again, which takes the rest"
        ) from None
