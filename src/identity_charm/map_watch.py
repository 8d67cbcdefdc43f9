"""A process beside the charm that wakes it when somebody changes the maps shared with the Admin UI.

Juju knows nothing of ConfigMaps, so without it a change would wait for the next event. It does what an operator would:
it asks Juju to run the event ``update-status``, and Juju queues that behind whatever the unit is doing.

``python -m identity_charm.map_watch NAMESPACE APPLICATION UNIT CHARM_FOLDER``
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from . import cluster

if TYPE_CHECKING:
    from lightkube import Client

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0
#: After so long the cluster ends a watch, and we ask anew.
WATCH_SECONDS = 300


def start(namespace: str, application: str, unit: str, charm_folder: Path) -> int:
    """Start the process and give its number. It outlives the event it is started in."""
    # With the event's own context Juju would refuse to queue another event.
    environment = {key: value for key, value in os.environ.items() if key != "JUJU_CONTEXT_ID"}
    words = [sys.executable, "-m", __name__, namespace, application, unit, str(charm_folder)]
    silent = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0),
        *((os.POSIX_SPAWN_DUP2, 0, number) for number in (1, 2)),
    ]
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return os.posix_spawn(sys.executable, words, {**environment, **paths}, file_actions=silent, setsid=True)


def runs(process: int) -> bool:
    """Whether a number is that of such a process: numbers are used again."""
    try:
        return __name__.encode() in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def stop(process: int) -> None:
    """End it."""
    if runs(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


Known = dict[str, dict[str, str]]


def follow(client: "Client", namespace: str, known: Known, names: Iterable[str], wake: Callable[[], None]) -> None:
    """Wake the charm for each change of one of the maps, for ever.

    Args:
        known: the content by map, as it was told last; kept up to date.

    Raises:
        Exception: what the client raises when the cluster does not answer.
    """
    from lightkube.resources.core_v1 import ConfigMap

    wanted = set(names)
    for _, found in client.watch(ConfigMap, namespace=namespace, server_timeout=WATCH_SECONDS):
        name = str(found.metadata and found.metadata.name)
        data = dict(found.data or {})
        # The first time a map is told it is told as it is; the charm has read that.
        changed = name in known and known[name] != data
        if name in wanted:
            known[name] = data
            if changed:
                wake()


def wake(unit: str, charm_folder: str) -> None:
    """Have Juju run an event of the unit."""
    command = f"JUJU_DISPATCH_PATH=hooks/update-status {charm_folder}/dispatch"
    subprocess.run(["juju-exec", "-u", unit, command], check=False, capture_output=True)  # noqa: S603, S607


def main(namespace: str, application: str, unit: str, charm_folder: str) -> None:
    """Follow the maps for as long as the process lives."""
    maps, known = cluster.Cluster(namespace, application), Known()
    while True:
        try:
            follow(
                cluster.connect(),
                namespace,
                known,
                (maps.schemas_name, maps.providers_name),
                lambda: wake(unit, charm_folder),
            )
        except Exception:
            # Whatever it is, the next try may do better; the charm itself says what is wrong with the cluster.
            logger.exception("the maps cannot be watched")
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
