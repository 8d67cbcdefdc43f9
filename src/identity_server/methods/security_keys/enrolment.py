"""What adding a key has in common at sign-up and in the settings: the answer is read, checked, and counts once."""

from dataclasses import dataclass

from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.interface import StepContext
from identity_server.methods.security_keys import answers, ceremony, challenges, models
from identity_server.methods.security_keys.challenges import Challenge
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import NewKey


@dataclass(frozen=True)
class Enrolment:
    """A key that may be added.

    Attributes:
        challenge: that it answered; it names the user whom the key was made for.
    """

    key: NewKey
    challenge: Challenge


@dataclass(frozen=True)
class Rejection:
    """Why a key is not added.

    Attributes:
        as_before: the form stays as it was, but for the message: Kratos fails here without noting anything.
    """

    message: Message
    as_before: bool = True


async def checked(context: StepContext, method: str, party: RelyingParty, text: str) -> Enrolment | Rejection:
    """The key behind an answer, or why it is not taken. The challenge is not spent yet.

    One that cannot be answered any more is replaced, for the form to ask anew.
    """
    now = context.services.now()
    challenge = challenges.pending(context.flow, method)
    if challenge is None:
        return Rejection(too_late())
    if challenge.is_expired(now):
        challenges.begin(context.flow, method, now, challenge.user)
        return Rejection(too_late())
    try:
        return Enrolment(await ceremony.made(party, challenge, answers.attestation(text)), challenge)
    except answers.UnreadableAnswer as error:
        message = errors.invalid(f"The answer of the authenticator cannot be read: {error}.")
        return Rejection(message, as_before=False)
    except ceremony.Refused as error:
        return Rejection(errors.invalid(f"The key cannot be added: {error}."))


async def spent(context: StepContext, method: str, enrolment: Enrolment) -> bool:
    """Whether this is the first answer to its challenge. Whatever becomes of it, the form asks for another one.

    The user's handle stays: keys that are made next are for the same user.
    """
    services = context.services
    is_first = await challenges.spend(services, enrolment.challenge)
    challenges.begin(context.flow, method, services.now(), enrolment.challenge.user)
    return is_first


def name_of(enrolment: Enrolment, given: str) -> str:
    """What a key is called: as its owner says, else as its maker does."""
    return given or models.name_of(enrolment.key.model)


def too_late() -> Message:
    """The form was open for too long, or was answered already."""
    return errors.invalid("This form cannot be answered any more; please try once more.")
