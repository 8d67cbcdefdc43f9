"""What every command works with: the model, the streams and the conversation with the sandbox."""

import argparse
import sys
from dataclasses import dataclass
from typing import Any

from juju_sandbox.api import Client
from juju_sandbox.cli import process
from juju_sandbox.cli.output import render
from juju_sandbox.failures import SandboxError
from juju_sandbox.places import Places


class CommandFailed(SandboxError):
    """The command ran and its answer is a failure: exit code 1."""


@dataclass
class Session:
    """One command's run."""

    places: Places
    arguments: argparse.Namespace
    _client: Client | None = None

    def ask(self, do: str, **arguments: Any) -> Any:
        if self._client is None:
            self._client = process.connect(self.places)
        return self._client.ask(do, **arguments)

    def ask_starting(self, do: str, **arguments: Any) -> Any:
        """The same, and starts the sandbox when none runs."""
        if self._client is None:
            self._client = process.ensure_running(self.places, self.say)
        return self._client.ask(do, **arguments)

    def say(self, text: str) -> None:
        """Progress and remarks, on standard error."""
        print(text, file=sys.stderr, flush=True)

    def put(self, text: str) -> None:
        """The answer, on standard output, as it is."""
        output = getattr(self.arguments, "output", None)
        if output:
            with open(output, "w", encoding="utf-8") as file:
                file.write(text)
        else:
            sys.stdout.write(text)

    def put_tree(self, tree: Any, default: str = "yaml") -> None:
        self.put(render(tree, getattr(self.arguments, "format", None) or default))
