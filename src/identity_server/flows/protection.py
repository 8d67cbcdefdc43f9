"""What this server adds to Kratos' own protections, and when it is on."""

from typing import Final

from identity_server import times
from identity_server.configuration import Configuration
from identity_server.flows.one_time import Guesses
from identity_server.times import Timestamp

#: Six digits are guessed in half of all cases after 500,000 tries: at twenty an hour, after three years.
_CODES: Final = "security.brute_force.codes"


def is_on(configuration: Configuration) -> bool:
    """Whether guessing is limited beyond what Kratos does: unless switched off, except while developing."""
    enabled = configuration.get("security.brute_force.enabled")
    return not configuration.dev if enabled is None else bool(enabled)


def guesses(configuration: Configuration, now: Timestamp) -> Guesses:
    """How many codes may be typed in a flow, and for an address in all flows together."""
    per_flow = configuration.integer("selfservice.methods.code.config.max_submissions")
    if not is_on(configuration):
        return Guesses(per_flow)
    since = times.text(times.parse(now) - configuration.span(f"{_CODES}.window"))
    return Guesses(per_flow, configuration.integer(f"{_CODES}.attempts"), since)


def wait(configuration: Configuration, blocked_since: Timestamp, now: Timestamp) -> int:
    """Seconds until the oldest wrong code is forgotten."""
    window = configuration.span(f"{_CODES}.window").total_seconds()
    return max(1, round(window - times.seconds_between(blocked_since, now)))
