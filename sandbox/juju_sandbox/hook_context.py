"""What a running hook may touch, and what it has said so far."""

from dataclasses import dataclass, field
from typing import Any

from juju_sandbox import applications, relations
from juju_sandbox.charm_files import CharmFiles
from juju_sandbox.failures import ToolError
from juju_sandbox.hooks import Hook
from juju_sandbox.moments import now
from juju_sandbox.store import Row, Store


@dataclass
class Spoken:
    """What counts at once and survives a failing hook: statuses, versions, logs, an action's words."""

    unit_status: tuple[str, str] | None = None
    app_status: tuple[str, str] | None = None
    version: str | None = None
    logs: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])
    action_log: list[str] = field(default_factory=list[str])
    results: dict[str, str] = field(default_factory=dict[str, str])
    failure: str | None = None


@dataclass
class HookContext:
    """One hook of one unit; its writes to the store belong to the hook's transaction."""

    store: Store
    unit: str
    hook: Hook
    charm: CharmFiles
    leader: bool
    #: Where the charm finds its storage: identifier → location.
    storage: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    spoken: Spoken = field(default_factory=Spoken)

    @property
    def application(self) -> str:
        return self.unit.partition("/")[0]

    def log(self, level: str, module: str, message: str) -> None:
        self.spoken.logs.append((now(), level, module, message))

    def require_leader(self, refusal: str = "this unit is not the leader") -> None:
        if not self.leader:
            raise ToolError(refusal)

    def relation(self, text: str | None) -> Row:
        """The own end of the relation that ``name:id`` or ``id`` names; the hook's relation without a text.

        Raises:
            ToolError: The unit has no such relation.
        """
        if text is None and self.hook.relation is None:
            raise ToolError("no relation id specified")
        number = (text or str(self.hook.relation)).rpartition(":")[2]
        row = self.store.first(
            "SELECT e.*, r.life FROM endpoint AS e JOIN relation AS r ON r.id = e.relation"
            " WHERE e.relation = ? AND e.application = ?",
            *(number, self.application),
        )
        if row is None or not self._knows(row):
            raise ToolError(f'invalid value "{text}" for option -r: relation not found')
        return row

    def _knows(self, row: Row) -> bool:
        entered = self.store.value("SELECT 1 FROM scope WHERE relation = ? AND unit = ?", row["relation"], self.unit)
        return bool(entered) or row["life"] == "alive"

    def relations_of(self, endpoint: str) -> list[int]:
        rows = self.store.all(
            "SELECT e.relation, r.life FROM endpoint AS e JOIN relation AS r ON r.id = e.relation"
            " WHERE e.application = ? AND e.name = ? ORDER BY e.relation",
            *(self.application, endpoint),
        )
        return [row["relation"] for row in rows if self._knows(row)]

    def remote_application(self, relation: int) -> str:
        return relations.other_end(self.store, relation, self.application)["application"]

    @property
    def address(self) -> str:
        return applications.get_unit(self.store, self.unit)["address"]
