"""The ConfigMap of identity schemas, in which the charm and the Admin UI write.

The charm notes with the map what it wrote, so that it can tell later what somebody else wrote or changed. That is kept;
the rest follows the charm and its options.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

#: The entry that names the default schema.
DEFAULT = "default.schema"
#: The annotation with a digest of each entry that the charm wrote.
ANNOTATION = "kratos-charm/written"


@dataclass(frozen=True)
class SchemasMap:
    """The map as it is.

    Attributes:
        entries: JSON text by schema id, and the id of the default.
        written: digest by the name of each entry that the charm wrote.
    """

    entries: Mapping[str, str] = field(default_factory=dict[str, str])
    written: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def parse(cls, entries: Mapping[str, str], annotation: str) -> "SchemasMap":
        """A map as the cluster has it. A note that makes no sense is none."""
        try:
            written = json.loads(annotation or "{}")
        except ValueError:
            written = {}
        known = written if isinstance(written, dict) else {}
        return cls(dict(entries), {str(name): str(digest) for name, digest in known.items()})

    @property
    def annotation(self) -> str:
        """The note about what the charm wrote."""
        return json.dumps(dict(sorted(self.written.items())))

    @property
    def edited(self) -> dict[str, str]:
        """What somebody else wrote; nothing while they have named no default, because they are not done then."""
        return self._others if self.entries.get(DEFAULT) else {}

    @property
    def _others(self) -> dict[str, str]:
        return {name: text for name, text in self.entries.items() if self.written.get(name) != _digest(text)}

    def following(self, offered: Mapping[str, str]) -> "SchemasMap":
        """The map as it shall be: what others wrote, and what the charm offers under other names."""
        others = self._others
        if others and DEFAULT not in self.entries and not self.written:
            return self
        entries = {**offered, **others}
        return SchemasMap(entries, {name: _digest(text) for name, text in offered.items() if entries[name] == text})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
