"""The ``state`` parameter: what a callback has to know, sealed, so that nobody else can read or write it."""

from dataclasses import dataclass, field
from typing import Final

import orjson

from identity_server.ciphers.errors import BadToken
from identity_server.ciphers.signing import Keys, seal, unseal
from identity_server.flows.model import Kind

PURPOSE: Final = "oidc-state"
_KINDS: Final[dict[str, Kind]] = {"login": "login", "registration": "registration", "settings": "settings"}


class BadState(Exception):
    """A state that is not ours, or was changed."""


@dataclass(frozen=True)
class State:
    """Where a person comes back to.

    Attributes:
        verifier: the secret behind the code challenge (RFC 7636); empty without one.
        nonce: what the provider's ID token must carry; empty when none was sent.
    """

    flow_id: str
    kind: Kind
    provider_id: str
    verifier: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)


def write(state: State, keys: Keys) -> str:
    """The sealed text."""
    values = [state.flow_id, state.kind, state.provider_id, state.verifier, state.nonce]
    return seal(PURPOSE, orjson.dumps(values), keys)


def read(text: str, keys: Keys) -> State:
    """The state behind a text.

    Raises:
        BadState: it is none of ours.
    """
    try:
        flow_id, kind, provider_id, verifier, nonce = orjson.loads(unseal(PURPOSE, text, keys))
    except (BadToken, ValueError) as error:
        raise BadState from error
    if kind not in _KINDS:
        raise BadState
    return State(str(flow_id), _KINDS[kind], str(provider_id), str(verifier), str(nonce))
