"""What signing in with a key has in common: the key is found, its answer checked, and both count once."""

from collections.abc import Sequence

from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.methods.security_keys import ceremony, challenges, counters
from identity_server.methods.security_keys.answers import Assertion
from identity_server.methods.security_keys.enrolment import too_late
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import StoredKey


async def refusal(
    context: StepContext,
    method: str,
    party: RelyingParty,
    answer: Assertion,
    *,
    identity: Identity,
    kind: str,
    allowed: Sequence[StoredKey],
) -> Message | None:
    """Why an answer does not prove that somebody holds one of an identity's keys; None when it does.

    A challenge that cannot be answered any more is replaced, for the form to ask anew.

    Args:
        method: whose challenge was answered.
        kind: the credential type that holds the keys.
        allowed: those of them that may answer.
    """
    services = context.services
    challenge = challenges.pending(context.flow, method)
    if challenge is None or challenge.is_expired(services.now()):
        return _ask_anew(context, method, too_late())
    key = next((each for each in allowed if each.id == answer.id), None)
    if key is None:
        return errors.wrong_authenticator_code()
    try:
        use = ceremony.used(party, challenge, answer, key)
    except ceremony.Refused:
        return errors.wrong_authenticator_code()
    # Spent before anything is counted: the same answer sent twice is no sign of a copied key.
    if not await challenges.spend(services, challenge):
        return _ask_anew(context, method, too_late())
    if not await counters.counts(services, identity, kind, key.id, use):
        return _ask_anew(context, method, errors.wrong_authenticator_code())
    return None


def _ask_anew(context: StepContext, method: str, message: Message) -> Message:
    challenges.begin(context.flow, method, context.services.now())
    return message
