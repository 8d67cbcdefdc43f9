"""The conditions under which a unit cannot do its work, most basic first, and the sentence an operator can act on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import ops

from .cluster import not_trusted
from .situation import Problem, Situation
from .workload import COURIER, READY, SERVICE, NoAnswer, Workload

#: What a database says when no second try helps.
FOR_A_HUMAN = ("permission denied", "must be owner")

Condition = Callable[[Situation], ops.StatusBase | None]


@dataclass
class Failures:
    """What did not work in this dispatch, each with the reason it was given.

    Attributes:
        container: it did not answer, or not in time.
        configuration: the server would not start with it.
        left_out: sources without which it does, a sentence each.
        cluster_late: what may pass by itself.
        trust: the cluster refuses us.
        turn: another unit restarts.
    """

    container: str = ""
    migration: str = ""
    configuration: str = ""
    left_out: Sequence[str] = ()
    start: str = ""
    cluster: str = ""
    cluster_late: str = ""
    trust: bool = False
    turn: bool = False


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


def _sources(seen: Situation) -> ops.StatusBase | None:
    return _told(seen.hindrance) if seen.hindrance else None


def _told(problem: Problem) -> ops.StatusBase:
    return ops.WaitingStatus(problem.text) if problem.passes else ops.BlockedStatus(problem.text)


def _lost_database(seen: Situation) -> ops.StatusBase | None:
    if seen.embedded and seen.peers.once_migrated:
        return ops.BlockedStatus("pg-database was removed, and the identities with it: integrate it again")
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


def _database(seen: Situation) -> ops.StatusBase | None:
    if seen.related.database.related and not seen.related.database.ready:
        return ops.WaitingStatus("Waiting for pg-database to create the database")
    return None


def _keys(seen: Situation) -> ops.StatusBase | None:
    return None if seen.keys else ops.WaitingStatus("Waiting for the leader to create the secrets of the server")


def foreign_database(seen: Situation) -> str:
    """What to do about the tables of another server."""
    if seen.peers.after_another_charm:
        return "The database is of the charm before: back it up, then run the action run-migration, which takes it over"
    return (
        "The database holds tables of Ory Kratos: end what works on them, back them up, "
        "then run the action run-migration with take-over=true"
    )


def _for_a_human(reason: str) -> bool:
    return any(mark in reason for mark in FOR_A_HUMAN)


def _migration(seen: Situation) -> ops.StatusBase | None:
    if seen.migrated or not seen.related.database.ready:
        return None
    if not seen.leader:
        return ops.WaitingStatus("Waiting for the leader to migrate the database")
    if seen.contents and seen.contents.problem:
        if _for_a_human(seen.contents.problem):
            return ops.BlockedStatus(f"The database cannot be looked into: {seen.contents.problem}")
        return ops.WaitingStatus(f"The database cannot be looked into yet: {seen.contents.problem}")
    if seen.foreign:
        return ops.BlockedStatus(foreign_database(seen))
    if not seen.migration_allowed:
        return ops.BlockedStatus(
            f"The database awaits its migration to {seen.version}: back it up, then run the action run-migration"
        )
    return ops.WaitingStatus("The database migration did not finish; it is tried again at the next event")


#: While one of these holds the server has no database to work on, and does not run.
WITHOUT_DATABASE: tuple[Condition, ...] = (_lost_database, _one_unit, _storage, _database)
#: While one of these holds, the running server keeps the configuration that it has.
BEFORE_MIGRATION: tuple[Condition, ...] = (_container, _version, _peers, _sources, *WITHOUT_DATABASE, _keys)
ALL: tuple[Condition, ...] = (*BEFORE_MIGRATION, _migration)


def of(seen: Situation, conditions: tuple[Condition, ...] = ALL) -> Iterator[ops.StatusBase]:
    """The statuses of the conditions that hold, in their order."""
    return (status for condition in conditions if (status := condition(seen)))


def clear(seen: Situation, conditions: tuple[Condition, ...] = ALL) -> bool:
    """Whether none of the conditions holds."""
    return not any(of(seen, conditions))


def of_migration(failures: Failures) -> Iterator[ops.StatusBase]:
    """Why the database was not migrated just now, when that was tried."""
    if _for_a_human(failures.migration):
        yield ops.BlockedStatus(f"The database cannot be migrated: {failures.migration}")
    elif failures.migration:
        yield ops.WaitingStatus(f"The database migration is tried again at the next event: {failures.migration}")


def of_failures(failures: Failures, application: str) -> Iterator[ops.StatusBase]:
    """What did not work just now."""
    if failures.container:
        yield ops.WaitingStatus(
            f"The container does not do what it is asked: {failures.container}; it is asked again at the next event"
        )
    if failures.trust:
        yield ops.BlockedStatus(not_trusted(application))
    if failures.cluster:
        yield ops.BlockedStatus(f"The cluster refuses: {failures.cluster}")
    if failures.cluster_late:
        yield ops.WaitingStatus(f"The cluster is asked again at the next event: {failures.cluster_late}")
    for sentence in failures.left_out:
        yield ops.BlockedStatus(sentence)
    if failures.configuration:
        yield ops.BlockedStatus(f"The server would not start with the new configuration: {failures.configuration}")
    if failures.turn:
        yield ops.WaitingStatus("Waiting for its turn to restart the server; the others go first")
    if failures.start:
        yield ops.BlockedStatus(f"The server does not start: {failures.start}")


def of_workload(workload: Workload) -> Iterator[ops.StatusBase]:
    """How the services fare that should run."""
    if not workload.reachable:
        return
    try:
        yield from _services(workload)
    except NoAnswer as refused:
        yield from of_failures(Failures(container=str(refused)), "")


def _services(workload: Workload) -> Iterator[ops.StatusBase]:
    if workload.stopped(SERVICE):
        yield ops.BlockedStatus("The server does not stay up; see the log of the container kratos")
    elif workload.stopped(COURIER):
        yield ops.BlockedStatus("The courier does not stay up, no message is sent; see the log of the container kratos")
    elif workload.failing(READY):
        yield ops.WaitingStatus("The server is not ready: it or its database does not answer")


def of_complaints(seen: Situation) -> Iterator[ops.StatusBase]:
    """What is wrong with what the server runs without, or of which it keeps what was there before."""
    return map(_told, seen.complaints)


def note(seen: Situation) -> str:
    """What an operator should know of a unit that does its work; nothing where there is nothing."""
    if not seen.keyless:
        return ""
    outside = " and internal-route" if seen.admin_api_routed and seen.related.internal_route.related else ""
    return f"The admin API asks the cluster{outside} for no key, as kratos-info is integrated"


def of_wishes(seen: Situation) -> Iterator[ops.StatusBase]:
    """What the operator asked for and the server runs without."""
    options, related = seen.options, seen.related
    if seen.take_over_due:
        yield ops.BlockedStatus(
            "Not all identities of the server before are taken over: run the action run-migration on the leader"
        )
    if options is None:
        return
    if options.enable_verification and not related.smtp.host:
        yield ops.BlockedStatus("enable_verification needs a mail server: integrate smtp")
    if related.openfga.related and seen.administrators.waiting:
        yield ops.WaitingStatus("Waiting for the model in OpenFGA's store to make an account an administrator")
    if related.public_url:
        return
    for wish, wanted in (
        ("enable_passwordless_login_method", options.enable_passwordless_login_method),
        ("enable_oidc_webauthn_sequencing", options.enable_oidc_webauthn_sequencing),
        ("kratos-external-idp", related.providers.related),
        ("kratos-info", related.info_wanted),
    ):
        if wanted and (related.public_route.related or related.ingress.related):
            yield ops.WaitingStatus("Waiting for the ingress to give a public address")
        elif wanted:
            yield ops.BlockedStatus(f"{wish} needs a public address: integrate public-route or ingress")
