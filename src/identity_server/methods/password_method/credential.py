"""What makes a password fit to be stored."""

from collections.abc import Sequence

from identity_server.errors import ApiError
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.passwords.errors import BreachServiceFailed
from identity_server.passwords.violations import Breached, TooLong, TooShort, TooSimilar, Violation
from identity_server.services import Services
from identity_server.ui.container import Container

METHOD = "password"


async def accepted_hash(services: Services, ui: Container, password: str, identifiers: Sequence[str]) -> str:
    """The hash of a password that the policy takes; empty when it does not, which the form then says.

    Raises:
        ApiError: 502 when the breach service must be asked and gives no answer.
    """
    try:
        violations = await services.policy.check(password, identifiers)
    except BreachServiceFailed as error:
        raise ApiError(502, "The service that knows breached passwords gave no answer.", id="upstream_error") from error
    for violation in violations:
        ui.add_message(_message(violation), "password")
    return "" if violations else await services.hashing.hash(password)


def _message(violation: Violation) -> Message:
    match violation:
        case TooShort(least, actual):
            return errors.password_too_short(least, actual)
        case TooLong(most, actual):
            return errors.password_too_long(most, actual)
        case TooSimilar():
            return errors.password_too_similar()
        case Breached(breaches):
            return errors.password_breached(breaches)
