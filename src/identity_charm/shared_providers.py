"""The providers in the map that is shared with the Admin UI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import strict_json
from .oidc_providers import Provider, ProviderError

KEY = "idps.json"


@dataclass(frozen=True)
class SharedProviders:
    """What of them can be used, and what is wrong with the others.

    Attributes:
        given: the text they were read from.
    """

    providers: Sequence[Provider] = ()
    problems: Sequence[str] = ()
    given: str = field(default="", repr=False)

    @classmethod
    def load(cls, now: Mapping[str, str] | None, before: str) -> "SharedProviders":
        """Read the map; one that is no list of providers says nothing against those that were in it before.

        Args:
            now: the map, unless it cannot be read.
            before: the text in it when all of it could be used.
        """
        if now is None:
            return cls._of(before)
        try:
            return cls._of(now.get(KEY) or "[]")
        except ValueError as refused:
            return cls(cls._of(before).providers, (f"Bad providers of the Admin UI: {refused}",))

    @classmethod
    def _of(cls, given: str) -> "SharedProviders":
        found = strict_json.parse(given)
        providers: list[Provider] = []
        problems: list[str] = []
        for one in found if isinstance(found, list) else [found]:
            try:
                providers.append(Provider.parse(one))
            except ProviderError as refused:
                problems.append(f"Bad providers of the Admin UI: {refused}")
        return cls(tuple(providers), tuple(problems), given)
