"""Administrators of the Admin UI, and those who are to become one as soon as OpenFGA lets us."""

import logging

from .fga_client import FgaClient, FgaError
from .peers import Peers
from .relations.openfga import OpenFga

logger = logging.getLogger(__name__)


def appoint(store: OpenFga, peers: Peers, email: str) -> bool:
    """Make an account an administrator, now or at a later event. False when it was one.

    Raises:
        FgaError: when it will have to be later, with the reason.
    """
    try:
        return _ready(store).appoint(email)
    except FgaError:
        peers.set_pending_administrators([*peers.pending_administrators, email])
        raise


def dismiss(store: OpenFga, peers: Peers, email: str) -> bool:
    """Make an account no administrator, and forget that it was to become one. False when it was none.

    Raises:
        FgaError: when OpenFGA does not do it.
    """
    peers.set_pending_administrators([one for one in peers.pending_administrators if one != email])
    return _ready(store).dismiss(email) if store.url else False


def retry(store: OpenFga, peers: Peers) -> None:
    """Appoint those who wait for it."""
    if not store.ready:
        return
    waiting: list[str] = []
    for email in peers.pending_administrators:
        try:
            FgaClient(store).appoint(email)
        except FgaError as refused:
            logger.warning("an account is still no administrator of the Admin UI: %s", refused)
            waiting.append(email)
    peers.set_pending_administrators(waiting)


def _ready(store: OpenFga) -> FgaClient:
    if not store.ready:
        raise FgaError("OpenFGA has made no store yet")
    return FgaClient(store)
