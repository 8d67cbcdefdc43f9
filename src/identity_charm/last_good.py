"""What the sources said when the server last took it, kept where a unit finds it that knows nothing yet.

A unit that starts anew has no file of the one before it. Without this a wrong option, a map that the Admin UI spoilt or
a cluster that does not answer would keep it from starting, while the units that run go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ops

from . import owned_secret
from .peers import Peers

OPTIONS = "options"
SCHEMAS = "schemas"
#: Providers have secrets of their own, so they are no peer data.
LABEL = "last-good-providers"
PROVIDERS = "providers"
NONE = "[]"


@dataclass(frozen=True)
class LastGood:
    """Each part as its source wrote it; ``None`` before there was one.

    Attributes:
        options: of the charm, as Juju gives them; of a secret its id.
        schemas: of the map that is shared with the Admin UI.
        providers: of the other map, as text.
    """

    options: Mapping[str, Any] | None = None
    schemas: Mapping[str, str] | None = None
    providers: str = field(default=NONE, repr=False)

    @classmethod
    def load(cls, model: ops.Model, peers: Peers) -> "LastGood":
        """As the leader wrote it."""
        return cls(peers.last_good(OPTIONS), peers.last_good(SCHEMAS), _kept_providers(model))

    def save(self, model: ops.Model, peers: Peers) -> None:
        """Keep what differs from what is kept. Only the leader may."""
        peers.keep_last_good(OPTIONS, self.options)
        peers.keep_last_good(SCHEMAS, self.schemas)
        if self.providers != _kept_providers(model):
            content = {PROVIDERS: self.providers}
            owned_secret.write(model, LABEL, content, "providers of the Admin UI, as they last could be used")


def _kept_providers(model: ops.Model) -> str:
    return owned_secret.read(model, LABEL).get(PROVIDERS, NONE)
