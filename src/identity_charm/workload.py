"""The container: its files, its services and what it says of itself."""

import hashlib
import logging
import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import ops
import requests
from ops import pebble

from identity_server import contract

from .database_contents import Contents

logger = logging.getLogger(__name__)

CONTAINER = "kratos"
SERVICE = "kratos"
COURIER = "courier"
READY = "ready"
ALIVE = "alive"
LAYER = "kratos"
#: For commands that do not wait for anything.
SHORT_SECONDS = 20


class WorkloadError(Exception):
    """The workload could not do what it was asked; the text is its own reason."""

    @property
    def reason(self) -> str:
        """The reason as part of a sentence: without what was tried before it, and what might be done after it."""
        return str(self).rpartition(" cannot be used: ")[2].partition("; ")[0].rstrip(".")


class NoAnswer(WorkloadError):
    """The container did not do it, or not in time. That says nothing of what was asked: the next try may do better."""


class NotRead(WorkloadError):
    """The identities of tables set aside could not be read."""


class CommandFailed(WorkloadError):
    """A command ended with an error.

    Attributes:
        first_reason: the first line of a list of reasons, where it prints one.
    """

    def __init__(self, code: int | None, said: str) -> None:
        lines = [line.strip() for line in said.strip().splitlines()] or [f"exit status {code}"]
        super().__init__(lines[-1])
        self.first_reason = lines[min(1, len(lines) - 1)].partition(" (from ")[0]


@contextmanager
def _asked() -> Generator[None]:
    """Pebble may be gone, late or out of space at any moment, between two questions as well."""
    try:
        yield
    except pebble.Error as refused:
        # What Pebble adds after the first line is of use in the log alone.
        logger.warning("the container does not do what it is asked: %s", refused)
        raise NoAnswer(_first_line(refused)) from None
    except TimeoutError:
        raise NoAnswer("no end in time") from None


@dataclass(frozen=True)
class Plan:
    """What the container shall hold and run.

    Attributes:
        configuration: the text of the configuration file.
        fixed: the part of it that the server reads only when it starts; the rest it takes up by itself.
        files: the other files, content by path; ``None`` removes the file.
        environment: of both services.
        courier: whether this unit delivers messages.
    """

    configuration: str = field(repr=False)
    fixed: str = field(repr=False)
    files: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"], repr=False)
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    courier: bool = False

    def layer(self) -> pebble.LayerDict:
        """Services and checks for Pebble."""
        return {
            "summary": "identity server",
            "services": {
                SERVICE: {
                    "override": "replace",
                    "summary": "identity server",
                    "command": " ".join(contract.serve_command()),
                    "startup": "enabled",
                    "environment": self._environment(self.fixed),
                    "on-check-failure": {ALIVE: "restart"},
                },
                COURIER: {
                    "override": "replace",
                    "summary": "delivery of messages",
                    "command": " ".join(contract.courier_command()),
                    "startup": "enabled" if self.courier else "disabled",
                    "environment": self._environment(self.configuration),
                },
            },
            "checks": {
                ALIVE: _check("alive", contract.ALIVE_PATH),
                READY: _check("ready", contract.READY_PATH),
            },
        }

    def _environment(self, text: str) -> dict[str, str]:
        """With a digest of what the service reads only when it starts: Pebble restarts it when that changes, once."""
        digest = hashlib.sha256(repr((text, sorted(self.files.items()))).encode()).hexdigest()
        return {**self.environment, "CONFIGURATION_DIGEST": digest}


def _check(level: str, path: str) -> pebble.CheckDict:
    return {
        "override": "replace",
        "level": level,  # type: ignore[typeddict-item]
        "period": "10s",
        "timeout": "3s",
        "threshold": 3,
        "http": {"url": f"http://127.0.0.1:{contract.ADMIN_PORT}{path}"},
    }


class Workload:
    """The one container of the charm."""

    def __init__(self, container: ops.Container) -> None:
        self._container = container

    @property
    def reachable(self) -> bool:
        """Whether Pebble answers."""
        return self._container.can_connect()

    @property
    def serving(self) -> bool:
        """Whether the server runs and does not say that it is not ready."""
        try:
            return self.reachable and self._running(SERVICE) and not self.failing(READY)
        except NoAnswer:
            return False

    @_asked()
    def stopped(self, service: str) -> bool:
        """Whether a service should run and does not."""
        found = self._container.get_services(service).values()
        return any(one.startup is pebble.ServiceStartup.ENABLED and not one.is_running() for one in found)

    @_asked()
    def failing(self, check: str) -> bool:
        """Whether a health check has failed more often than it may."""
        return any(found.status is pebble.CheckStatus.DOWN for found in self._container.get_checks(check).values())

    def version(self) -> str:
        """What the server calls its version, such as ``v26.2.0``.

        Raises:
            NoAnswer: when the container does not run it in time.
            WorkloadError: when the program does not say.
        """
        said = self._run(contract.version_command(), {}, SHORT_SECONDS)
        found = re.search(r"^Version:\s*(\S+)", said, re.MULTILINE)
        if not found:
            raise WorkloadError("the server does not say its version")
        return found[1]

    def migrate(self, dsn: str, timeout: float, *, set_aside: bool = False) -> str:
        """Bring a database up to date.

        Args:
            set_aside: move the tables of the server before out of the way.

        Raises:
            WorkloadError: when that failed or took longer than ``timeout`` seconds.
        """
        return self._run(contract.migrate_command(set_aside=set_aside), {"DSN": dsn}, timeout)

    def contents(self, dsn: str) -> Contents:
        """What a database holds.

        Raises:
            WorkloadError: when it does not answer, or is none.
        """
        said = self._run(contract.tables_command(), {"DSN": dsn}, SHORT_SECONDS)
        try:
            return Contents.parse(said)
        except ValueError as refused:
            raise WorkloadError(str(refused)) from None

    def export_others(self, file: str, timeout: float) -> None:
        """Write those identities of tables set aside into a file that are not stored yet.

        Raises:
            NotRead: when they cannot be read; there is no file then.
        """
        try:
            self._make_room_for(file)
            self._run(contract.export_others_command(file), {}, timeout)
        except WorkloadError as refused:
            raise NotRead(str(refused)) from None

    @_asked()
    def _make_room_for(self, file: str) -> None:
        self.write({file: None})
        self._container.make_dir(file.rpartition("/")[0], make_parents=True, permissions=0o700)

    def import_others(self, file: str, timeout: float) -> str:
        """Store the identities of a file. It is gone afterwards, unless some are refused.

        Raises:
            WorkloadError: with what the server says of those it refuses, or when it took longer than ``timeout``.
        """
        said = self._run(contract.import_command(file), {}, timeout)
        self.write({file: None})
        return said

    def note_taken_over(self, dsn: str) -> None:
        """Say in a database that the identities of tables set aside are all stored.

        Raises:
            WorkloadError: when the database refuses.
        """
        self._run(contract.tables_command(taken_over=True), {"DSN": dsn}, SHORT_SECONDS)

    @_asked()
    def write(self, files: Mapping[str, str | None]) -> None:
        """Make files hold what is wanted, touching only those that differ."""
        for path, text in files.items():
            if self.read(path) == text:
                continue
            if text is None:
                self._container.remove_path(path)
            else:
                self._container.push(path, text, make_dirs=True, permissions=0o600)

    @_asked()
    def refuses(self, configuration: str) -> str:
        """Why the server would not start with a configuration; nothing when it would. Asked only about a new one.

        Raises:
            NoAnswer: when the server does not say.
        """
        if self.read(contract.CONFIG_FILE) == configuration:
            return ""
        self.write({contract.CANDIDATE_FILE: configuration})
        try:
            self._run(contract.check_command(contract.CANDIDATE_FILE), {}, SHORT_SECONDS)
        except CommandFailed as refused:
            return refused.first_reason
        finally:
            self.write({contract.CANDIDATE_FILE: None})
        return ""

    @_asked()
    def be_checked(self) -> None:
        """Have Pebble check for readiness even where no server runs, so that Kubernetes sends nobody to this unit.

        The check for life comes with the server: Kubernetes ends a container in which that one fails.
        """
        if READY not in self._container.get_plan().checks:
            layer: pebble.LayerDict = {"checks": {READY: _check("ready", contract.READY_PATH)}}
            self._container.add_layer(LAYER, layer, combine=True)

    @_asked()
    def forward_logs(self, layer: pebble.LayerDict, label: str) -> None:
        """Set log targets. Pebble heeds them at once; a replan would start what was stopped on purpose."""
        self._container.add_layer(label, layer, combine=True)

    @_asked()
    def restarts(self, plan: Plan) -> bool:
        """Whether a plan would end the server that runs now, for a new one to start."""
        if not self._running(SERVICE):
            return False
        wanted = pebble.Layer(plan.layer()).services[SERVICE]
        return self._container.get_plan().services[SERVICE].to_dict() != wanted.to_dict()

    def ready_within(self, seconds: float) -> bool:
        """Whether the server says that it is ready, now or within some seconds."""
        end = time.monotonic() + seconds
        while not (ready := _says_ready()) and time.monotonic() < end:
            time.sleep(0.2)
        return ready

    def apply(self, plan: Plan) -> None:
        """Write the files and run the services; those restart that would not notice a change by themselves.

        Raises:
            NoAnswer: when the container does not take them.
            WorkloadError: when a service does not stay up.
        """
        self.write({**plan.files, contract.CONFIG_FILE: plan.configuration})
        with _asked():
            self._container.add_layer(LAYER, plan.layer(), combine=True)
            if not plan.courier and self._running(COURIER):
                self._container.stop(COURIER)
            try:
                self._container.replan()
            except pebble.ChangeError as refused:
                raise WorkloadError(_last_words(refused)) from None
            self._check(self._container.start_checks)

    @property
    @_asked()
    def log_targets(self) -> Mapping[str, pebble.LogTarget]:
        """Where Pebble sends what the services print."""
        return self._container.get_plan().log_targets

    @property
    def system_authorities(self) -> str:
        """The certificates that come with the image."""
        return self.read(contract.CA_BUNDLE_FILE) or ""

    @_asked()
    def stop(self) -> None:
        """Stop both services where they run, and their checks: what these said last would outlive the stop."""
        running = [name for name in (SERVICE, COURIER) if self._running(name)]
        if running:
            self._check(self._container.stop_checks)
            self._container.stop(*running)

    def _check(self, change: Callable[..., object]) -> None:
        if names := list(self._container.get_checks(ALIVE, READY)):
            # The Pebble of Juju before 3.6.4 cannot; there a check is wrong until it is made again.
            with suppress(pebble.APIError):
                change(*names)

    @_asked()
    def _running(self, service: str) -> bool:
        return any(found.is_running() for found in self._container.get_services(service).values())

    @_asked()
    def read(self, path: str) -> str | None:
        """The text of a file, or ``None`` where there is none."""
        try:
            with self._container.pull(path) as file:
                return file.read()
        except pebble.PathError as refused:
            if refused.kind == "not-found":
                return None
            raise

    def _run(self, command: list[str], environment: dict[str, str], timeout: float) -> str:
        try:
            process = self._container.exec(command, environment=environment, timeout=timeout)
            return process.wait_output()[0]
        except pebble.ExecError as refused:
            raise CommandFailed(refused.exit_code, str(refused.stderr or refused.stdout or "")) from None
        except (pebble.ChangeError, TimeoutError):
            raise NoAnswer(f"no end within {timeout:g} seconds") from None
        except pebble.APIError as refused:
            raise WorkloadError(refused.message) from None
        except pebble.Error as refused:
            raise NoAnswer(_first_line(refused)) from None


def _says_ready() -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"http://127.0.0.1:{contract.ADMIN_PORT}{contract.READY_PATH}", timeout=3).ok
    except requests.RequestException:
        return False


def _first_line(refused: Exception) -> str:
    return str(refused).strip().partition("\n")[0] or type(refused).__name__


def _last_words(refused: pebble.ChangeError) -> str:
    """The last line the service printed before it gave up."""
    lines = [line.strip() for task in refused.change.tasks for entry in task.log for line in entry.splitlines()]
    lines = [line for line in lines if line and not line.startswith("(")]
    return lines[-1] if lines else refused.err.strip()
