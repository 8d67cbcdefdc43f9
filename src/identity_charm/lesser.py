"""As much of the sources as the server takes, for when it refuses the configuration with all of them.

What a neighbour writes can look right and still be refused. It must not keep a unit that starts anew from starting.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from .related import Related
from .situation import Usable

#: What the server can run without, by the name that operators know it by. A web hook may be there to refuse people.
DISPENSABLE: Mapping[str, str] = {
    "public_route": "public-route",
    "ingress": "ingress",
    "hydra": "hydra-endpoint-info",
    "ui": "ui-endpoint-info",
    "smtp": "smtp",
    "tracing": "tracing",
}


def most_of(usable: Usable, refuses: Callable[[Usable], str]) -> tuple[Usable, Sequence[str]] | None:
    """What the server takes, and of the rest a sentence each; ``None`` when it is not for the neighbours to mend.

    Args:
        refuses: asks the server; gives its reason, or nothing.
    """
    nothing = Related()
    empty = {attribute: getattr(nothing, attribute) for attribute in DISPENSABLE}
    taken = replace(usable, providers=(), related=replace(usable.related, **empty))
    if refuses(taken):
        return None
    left: list[str] = []
    for name, more in _steps(usable):
        wanted = more(taken)
        if wanted == taken:
            continue
        if refusal := refuses(wanted):
            left.append(f"{name} is left out, the server would not start with it: {refusal}")
        else:
            taken = wanted
    return taken, left


def _steps(usable: Usable) -> Iterator[tuple[str, Callable[[Usable], Usable]]]:
    for attribute, endpoint in DISPENSABLE.items():
        given = {attribute: getattr(usable.related, attribute)}
        yield endpoint, lambda rest, given=given: replace(rest, related=replace(rest.related, **given))
    for one in usable.providers:
        yield f"The provider {one.id}", lambda rest, one=one: replace(rest, providers=(*rest.providers, one))
