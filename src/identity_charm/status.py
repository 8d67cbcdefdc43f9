"""The conditions under which a unit cannot do its work, most basic first, and the sentence an operator can act on."""

from collections.abc import Callable, Iterator

import ops

from .situation import Problem, Situation
from .workload import COURIER, READY, SERVICE, Workload

Condition = Callable[[Situation], ops.StatusBase | None]


def _container(seen: Situation) -> ops.StatusBase | None:
    return None if seen.reachable else ops.WaitingStatus("Waiting for the kratos container to start")


def _version(seen: Situation) -> ops.StatusBase | None:
    if seen.reachable and not seen.version:
        return ops.BlockedStatus(
            "The image has no working server; attach the resource oci-image that belongs to this charm"
        )
    return None


def _peers(seen: Situation) -> ops.StatusBase | None:
    return None if seen.peers.relation else ops.WaitingStatus("Waiting for the peer relation")


def _options(seen: Situation) -> ops.StatusBase | None:
    return ops.BlockedStatus(f"Bad option: {seen.options.text}") if isinstance(seen.options, Problem) else None


def _schemas(seen: Situation) -> ops.StatusBase | None:
    if isinstance(seen.schemas, Problem) and seen.schemas.text:
        return ops.BlockedStatus(f"Bad option: {seen.schemas.text}")
    return None


def _one_unit(seen: Situation) -> ops.StatusBase | None:
    if seen.embedded and not seen.peers.first_unit:
        return ops.BlockedStatus("Several units need PostgreSQL: integrate pg-database, or remove this unit")
    return None


def _storage(seen: Situation) -> ops.StatusBase | None:
    if seen.embedded and not seen.storage:
        return ops.BlockedStatus(
            "No place for the embedded database: integrate pg-database, or deploy with storage data"
        )
    return None


def _lost_database(seen: Situation) -> ops.StatusBase | None:
    if seen.embedded and seen.peers.once_migrated:
        return ops.BlockedStatus("pg-database was removed, and the identities with it: integrate it again")
    return None


def _database(seen: Situation) -> ops.StatusBase | None:
    if seen.database.related and not seen.database.ready:
        return ops.WaitingStatus("Waiting for pg-database to create the database")
    return None


def _keys(seen: Situation) -> ops.StatusBase | None:
    return None if seen.keys else ops.WaitingStatus("Waiting for the leader to create the secrets of the server")


def _migration(seen: Situation) -> ops.StatusBase | None:
    if seen.migrated or not seen.database.ready:
        return None
    if seen.leader:
        return ops.WaitingStatus("The database migration did not finish; it is tried again at the next event")
    return ops.WaitingStatus("Waiting for the leader to migrate the database")


#: While one of these holds the server has no database to work on, and does not run.
WITHOUT_DATABASE: tuple[Condition, ...] = (_lost_database, _one_unit, _storage, _database)
#: While one of these holds, the running server keeps its last good configuration.
BEFORE_MIGRATION: tuple[Condition, ...] = (
    _container,
    _version,
    _peers,
    _options,
    _schemas,
    *WITHOUT_DATABASE,
    _keys,
)
ALL: tuple[Condition, ...] = (*BEFORE_MIGRATION, _migration)


def of(seen: Situation, conditions: tuple[Condition, ...] = ALL) -> Iterator[ops.StatusBase]:
    """The statuses of the conditions that hold, in their order."""
    return (status for condition in conditions if (status := condition(seen)))


def clear(seen: Situation, conditions: tuple[Condition, ...] = ALL) -> bool:
    """Whether none of the conditions holds."""
    return not any(of(seen, conditions))


def of_workload(workload: Workload, failure: str) -> Iterator[ops.StatusBase]:
    """How the services fare that should run.

    Args:
        failure: the server's own reason, when it has just refused to start.
    """
    if failure:
        yield ops.BlockedStatus(f"The server does not start: {failure}")
    elif workload.reachable and workload.stopped(SERVICE):
        yield ops.BlockedStatus("The server does not stay up; see the log of the container kratos")
    elif workload.reachable and workload.stopped(COURIER):
        yield ops.BlockedStatus("The courier does not stay up, no message is sent; see the log of the container kratos")
    elif workload.reachable and workload.failing(READY):
        yield ops.WaitingStatus("The server is not ready: it or its database does not answer")
