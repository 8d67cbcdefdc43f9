"""Administrators of the Admin UI. Their rights lie in OpenFGA under their address, and must end with their account."""

import logging
from collections.abc import Collection

from .admin_client import AdminClient, AdminError, Identity, NotFound
from .administrator_roll import Administrator, Roll
from .fga_client import FgaClient, FgaError
from .relations.openfga import OpenFga

logger = logging.getLogger(__name__)


def email_of(account: Identity) -> str:
    """The address that OpenFGA knows an account by, or nothing."""
    traits = account.get("traits")
    return str(traits.get("email") or "") if isinstance(traits, dict) else ""


def appoint(store: OpenFga, roll: Roll, account: Identity) -> bool:
    """Make an account an administrator, now or at a later event. False when it was one.

    Raises:
        FgaError: when it will have to be later, with the reason.
    """
    email = email_of(account)
    roll.note(account["id"], Administrator(email))
    changed = _ready(store).appoint(email)
    roll.note(account["id"], Administrator(email, appointed=True))
    return changed


def dismiss(store: OpenFga, roll: Roll, account: Identity) -> bool:
    """Make an account no administrator, before it goes. False when it was none and was not to become one.

    Raises:
        FgaError: when OpenFGA does not do it; the account is then what it was.
    """
    known = roll.everybody.get(account["id"])
    was = _ready(store).dismiss(email_of(account)) if store.url or (known and known.appointed) else False
    roll.forget(account["id"])
    return was or known is not None


def reinstate(store: OpenFga, roll: Roll, admin: AdminClient, account: Identity) -> None:
    """Give an account its rights back, now or at a later event, if it is still there."""
    roll.note(account["id"], Administrator(email_of(account)))
    settle(store, roll, admin)


def settle(store: OpenFga, roll: Roll, admin: AdminClient) -> None:
    """Appoint those who wait for it, and dismiss those whose account is gone or has another address now.

    However the account went: somebody with its address would inherit the rights.
    """
    mine = roll.mine
    if not store.related or not mine:
        return
    everybody = roll.everybody
    try:
        living = {key for key, one in everybody.items() if _lives(admin, key, one)}
    except AdminError as refused:
        logger.warning("whether the administrators' accounts still exist is not known: %s", refused)
        return
    taken = {everybody[key].email for key in living}
    settled = {key: _settled(store, one, key in living, taken) for key, one in mine.items()}
    roll.write({key: one for key, one in settled.items() if one is not None})


def _lives(admin: AdminClient, identity_id: str, one: Administrator) -> bool:
    try:
        return email_of(admin.identity(identity_id)) == one.email
    except NotFound:
        return False


def _settled(store: OpenFga, one: Administrator, lives: bool, taken: Collection[str]) -> Administrator | None:
    """What becomes of an entry; nothing when it is done with."""
    try:
        if lives and not one.appointed:
            _ready(store).appoint(one.email)
        if not lives and one.email not in taken and (one.appointed or store.ready):
            _ready(store).dismiss(one.email)
    except FgaError as refused:
        logger.warning("the rights of an account in the Admin UI are not yet what they should be: %s", refused)
        return one
    return Administrator(one.email, appointed=True) if lives else None


def _ready(store: OpenFga) -> FgaClient:
    if not store.ready:
        raise FgaError("OpenFGA has made no store yet")
    return FgaClient(store)
