"""What a server for other people's accounts needs beyond what the schema asks for; ``--dev`` does without."""

from identity_server.configuration.problems import ConfigurationError, Problem
from identity_server.configuration.values import Configuration


def refuse_unsafe(configuration: Configuration) -> None:
    """Refuses what would work for a while, and cost people their sessions or their secrets then.

    Raises:
        ConfigurationError: with everything that is missing.
    """
    if configuration.dev:
        return
    problems: list[Problem] = []
    if not configuration.lasting_secrets:
        what = "no secrets are set, so every restart and every further replica would sign everybody out"
        allowed = "a list of texts of 16 or more characters, here or as secrets.cookie; or --dev"
        problems.append(Problem("secrets.default", what, allowed))
    if not configuration.secrets("cipher") and not configuration.configured("ciphers.algorithm"):
        what = "is not set, so tokens of providers and second factors would lie readable in the database"
        allowed = "a list of texts of 32 characters; or ciphers.algorithm: noop, where that is wanted; or --dev"
        problems.append(Problem("secrets.cipher", what, allowed))
    if problems:
        raise ConfigurationError(problems)
