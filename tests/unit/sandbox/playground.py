"""A model without processes: the charm's hooks are functions of the test, the rules are the sandbox's own."""

import contextlib
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from juju_sandbox import applications
from juju_sandbox.agent import Agent, failed_hook
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools import registry
from juju_sandbox.hooks import Hook
from juju_sandbox.places import Places
from juju_sandbox.resolver import Observed, next_hook
from juju_sandbox.store import Store
from juju_sandbox.unit.spec import UnitSpec

METADATA = """
name: fixture
peers: {group: {interface: fixture_group}}
provides: {give: {interface: thing}}
requires:
  take: {interface: thing, limit: 1, optional: true}
  more: {interface: other, optional: true}
containers: {work: {resource: image, mounts: [{storage: data, location: /srv/data}]}}
storage: {data: {type: filesystem}}
resources: {image: {type: oci-image}, note: {type: file, filename: note.txt}}
"""
CONFIG = """
options:
  colour: {type: string, default: red, description: a colour}
  count: {type: int}
  loud: {type: boolean, default: false}
  key: {type: secret}
"""
ACTIONS = """
paint:
  description: paints
  params: {colour: {type: string}, coats: {type: integer, default: 2}}
  required: [colour]
  additionalProperties: false
"""


class Refused(Exception):
    """A hook tool ended with another code than 0."""


class Tools:
    """The hook tools as a hook has them."""

    def __init__(self, context: HookContext) -> None:
        self.context = context

    def __call__(self, *argv: str, stdin: str = "", files: dict[str, str] | None = None) -> str:
        answer = registry.answer(self.context, argv[0], list(argv[1:]), stdin, files or {})
        if answer.code:
            raise Refused(answer.stderr.strip())
        return answer.stdout

    def json(self, *argv: str, stdin: str = "") -> Any:
        return json.loads(self(argv[0], "--format=json", *argv[1:], stdin=stdin))


Script = Callable[[Tools], object]


class _Server:
    context: HookContext

    @contextlib.contextmanager
    def serving(self, context: HookContext) -> Generator[str]:
        self.context = context
        yield "number"


class _Pod:
    def __init__(self, unit: str, server: _Server, storage: tuple[tuple[str, str], ...]) -> None:
        self.spec = UnitSpec(unit, False, "", "/nowhere", "", "", (), storage, "", "", "", "")
        self._server = server
        self.script: Script | None = None

    def dispatch(self, environment: dict[str, str], log: Path) -> int:
        self.environment = environment
        try:
            if self.script:
                self.script(Tools(self._server.context))
        except (Refused, ZeroDivisionError):
            return 1
        return 0


class Playground:
    """One model and its agents."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "model")
        self.places.folder.mkdir()
        self.store = Store(self.places.database)
        applications.prepare_model(self.store, "test")
        self._server = _Server()
        self._agent: Agent = Agent(self.store, self._server, set())  # pyright: ignore[reportArgumentType]
        self.source = folder / "charm"
        write_charm(self.source)
        self.observed: dict[str, Observed] = {}
        self.environment: dict[str, str] = {}

    def deploy(self, name: str = "one", units: int = 1) -> None:
        charm = applications.deploy_charm(self.store, self.places, name, self.source)
        for _ in range(units):
            applications.add_unit(self.store, name, charm.storage)

    def watch(self, unit: str) -> Observed:
        return self.observed.setdefault(unit, Observed())

    def next(self, unit: str) -> Hook | None:
        row = applications.get_unit(self.store, unit)
        stuck = failed_hook(self.store, row)
        return stuck[0] if stuck else next_hook(self.store, row, self.watch(unit))

    def step(self, unit: str, script: Script | None = None) -> Hook:
        """Runs the unit's next hook with a script for a charm."""
        hook = self.next(unit)
        assert hook is not None, f"{unit} has nothing to do"
        storage = self.store.column("SELECT id FROM storage WHERE unit = ?", unit)
        pod = _Pod(unit, self._server, tuple((f"/folders/{each.replace('/', '-')}", f"/st/{each}") for each in storage))
        pod.script = script
        self.last_good = self._agent.run(unit, hook, pod, self.watch(unit))  # pyright: ignore[reportArgumentType]
        self.environment = pod.environment
        return hook

    def settle(self, *units: str) -> list[str]:
        """Runs all hooks of the units, or of every unit, in turns; returns ``unit hook``."""
        ran: list[str] = []
        while True:
            names = units or self.store.column("SELECT name FROM unit ORDER BY name")
            known = [name for name in names if self.store.value("SELECT 1 FROM unit WHERE name = ?", name)]
            busy = [name for name in known if self.next(name)]
            if not busy:
                return ran
            ran += [f"{name} {self.step(name).name}" for name in busy]

    def reach(self, unit: str, name: str) -> None:
        """Runs hooks until the next one is of this name."""
        while (hook := self.next(unit)) is not None and hook.name != name:
            self.step(unit)
        assert hook is not None, f"{unit} never comes to {name}"

    def in_hook(self, unit: str, script: Script) -> Any:
        """Runs a script in an update-status hook that ends well; returns what it returns."""
        kept: list[Any] = []
        self.settle(unit)
        self.store.run("UPDATE unit SET update_due = 1 WHERE name = ?", unit)
        self.step(unit, lambda tools: kept.append(script(tools)))
        assert self.last_good, "the hook failed"
        return kept[0]


def write_charm(folder: Path, code: str = "") -> None:
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "charm.py").write_text(code, encoding="utf-8")
    for name, text in (("metadata", METADATA), ("config", CONFIG), ("actions", ACTIONS)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
