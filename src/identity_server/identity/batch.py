"""Many identities at once: what is wrong with the request ends it, what is wrong with one identity is its own."""

import asyncio
from typing import Any

from identity_server.errors import ApiError, Conflict, bad_request
from identity_server.identity import refusals
from identity_server.identity.administration import Administration
from identity_server.identity.model import Identity
from identity_server.identity.payload import BatchBody, BatchItem
from identity_server.identity.ports import IdentityStore

MOST = 1000
#: Hashing is what costs; this many take about half a minute of one core at bcrypt's default cost.
MOST_PASSWORDS = 200
#: Fewer than may wait to be hashed, so that a batch alone never fills the queue.
AT_ONCE = 8

Outcome = Identity | ApiError | None


async def create(administration: Administration, body: BatchBody, store: IdentityStore) -> list[dict[str, Any] | None]:
    """One result an item, in order; null for an item without anything to do.

    Raises:
        ApiError: 400 for too many items or passwords, unknown states and broken hashes; 409 for the only item's
            external id.
    """
    items = body.identities or []
    refuse_too_many(items)
    outcomes = await _drafts(administration, items)
    outcomes = [_settled(administration, outcome) for outcome in outcomes]
    await _store(outcomes, store)
    return [_result(item, outcome) for item, outcome in zip(items, outcomes, strict=True)]


def refuse_too_many(items: list[BatchItem | None]) -> None:
    """Raises ApiError when a batch is too much work for one request."""
    if len(items) > MOST:
        raise bad_request(f"A batch has at most {MOST} identities, this one has {len(items)}.")
    passwords = sum(1 for item in items if item is not None and _has_password(item))
    if passwords > MOST_PASSWORDS:
        raise bad_request(f"A batch has at most {MOST_PASSWORDS} passwords in clear text, this one has {passwords}.")


def _has_password(item: BatchItem) -> bool:
    credentials = item.create.credentials if item.create else None
    config = credentials.password.config if credentials and credentials.password else None
    return bool(config and config.password)


async def _drafts(administration: Administration, items: list[BatchItem | None]) -> list[Outcome]:
    """The identities in order, some at a time: passwords in clear text are hashed by several threads."""
    outcomes: list[Outcome] = []
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        outcomes += await asyncio.gather(*(_draft(administration, item) for item in part))
    return outcomes


async def _draft(administration: Administration, item: BatchItem | None) -> Outcome:
    if item is None or item.create is None:
        return None
    try:
        return await administration.draft(item.create)
    except refusals.UnknownSchemaRefused as error:
        return error


def _settled(administration: Administration, outcome: Outcome) -> Outcome:
    if not isinstance(outcome, Identity):
        return outcome
    try:
        administration.settle(outcome)
    except ApiError as error:
        return error
    return outcome


async def _store(outcomes: list[Outcome], store: IdentityStore) -> None:
    places = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Identity)]
    errors = await store.insert_many([outcome for outcome in outcomes if isinstance(outcome, Identity)])
    for place, error in zip(places, errors, strict=True):
        if not isinstance(error, Conflict):
            if error is not None:
                raise error
            continue
        refused = refusals.conflict(error)
        if len(outcomes) == 1 and refusals.EXTERNAL_ID in error.constraint:
            raise refused
        outcomes[place] = refused


def _result(item: BatchItem | None, outcome: Outcome) -> dict[str, Any] | None:
    if item is None or outcome is None:
        return None
    name = {"patch_id": item.patch_id} if item.patch_id else {}
    if isinstance(outcome, Identity):
        return {"action": "create", "identity": outcome.id, **name}
    return {"action": "error", **name, "error": outcome.body()["error"]}
