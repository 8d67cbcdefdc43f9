"""How hard the configured secrets are to guess."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from identity_server.diagnosis.finding import Finding

#: What the estimate gives for secrets that should be changed, and for those that nobody has to think about: of a
#: hundred thousand random ones of 32 hexadecimal digits all are above the second.
WEAK_BITS, GOOD_BITS = 30, 50
#: Parts of secrets that examples have, and servers that people put on the net with them.
_EXAMPLES = ("changeme", "notsecure", "insecure", "example", "password", "secret", "topsecret", "123456", "qwerty")


def bits(secret: str) -> float:
    """A cautious estimate of the secret's entropy: repeated characters, runs and repeated parts count little."""
    if not secret:
        return 0.0
    part = secret[: (secret + secret).find(secret, 1)]
    counts = Counter(part)
    a_character = -sum(n / len(part) * math.log2(n / len(part)) for n in counts.values())
    steps = sum(1 for one, two in pairwise(part) if abs(ord(one) - ord(two)) > 1)
    return a_character * (steps + 1)


def is_example(secret: str) -> bool:
    """Whether it reads like one out of an example."""
    letters = "".join(letter for letter in secret.lower() if letter.isalnum())
    return any(part in letters for part in _EXAMPLES)


def findings(secrets: Mapping[str, Sequence[str]], *, dev: bool) -> Iterator[Finding]:
    """One finding for each list that is configured.

    Args:
        secrets: the lists by their names.
        dev: whether the server is for development, where weak ones are no fault.
    """
    owners: dict[str, str] = {}
    for kind, texts in secrets.items():
        check = f"secrets.{kind}"
        if not texts:
            continue
        yield _of(check, texts, dev=dev)
        for text in texts:
            if owners.setdefault(text, kind) != kind:
                yield Finding(
                    check, "warning", f"One of them is in secrets.{owners[text]} too; use each for one purpose."
                )
    if not any(secrets.values()):
        yield Finding("secrets", "warning" if dev else "wrong", "There are none; every restart signs everybody out.")


def _of(check: str, texts: Sequence[str], *, dev: bool) -> Finding:
    for place, text in enumerate(texts):
        called = f"Secret {place + 1} of {len(texts)}" if len(texts) > 1 else "The secret"
        if is_example(text):
            said = f"{called} reads like one out of an example; make one with: openssl rand -hex 16"
            return Finding(check, "warning" if dev else "wrong", said)
        strength = bits(text)
        if strength < GOOD_BITS:
            weak = strength < WEAK_BITS and not dev
            said = f"{called} is easy to guess, as texts of its length go; make one with: openssl rand -hex 16"
            return Finding(check, "wrong" if weak else "warning", said)
    return Finding(check, "ok", "It is hard to guess." if len(texts) == 1 else f"All {len(texts)} are hard to guess.")
