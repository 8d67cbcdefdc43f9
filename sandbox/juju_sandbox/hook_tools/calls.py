"""A hook tool's arguments and the forms of its answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from juju_sandbox.failures import ToolError
from juju_sandbox.hook_context import HookContext

#: Options that stand alone.
FLAGS = frozenset(
    {
        *("--app", "--application", "--peek", "--refresh", "--include-data", "--now"),
        *("--ingress-address", "--bind-address", "--egress-subnets"),
    }
)
VALUED = frozenset(
    {
        *("--format", "--output", "--relation", "--file", "--storage", "--log-level"),
        *("--label", "--description", "--expire", "--rotate", "--owner", "--unit", "--revision"),
    }
)
SHORT = {"-r": "--relation", "-s": "--storage", "-l": "--log-level", "-o": "--output"}


@dataclass(frozen=True)
class Call:
    """One call, parsed as Juju's flag parser does: options anywhere before ``--``, then words."""

    tool: str
    words: Sequence[str]
    options: Mapping[str, str]
    stdin: str = ""
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def parse(
        cls, tool: str, arguments: Sequence[str], stdin: str = "", files: Mapping[str, str] | None = None
    ) -> "Call":
        words: list[str] = []
        options: dict[str, str] = {}
        rest = iter(arguments)
        for argument in rest:
            if argument == "--":
                words.extend(rest)
            elif argument == "-" or not argument.startswith("-"):
                words.append(argument)
            else:
                name, equals, value = argument.partition("=")
                name = SHORT.get(name, name)
                alone = _stands_alone(tool, name)
                if not equals:
                    value = "true" if alone else next(rest, None)
                    if value is None:
                        raise ToolError(f"option needs an argument: {name}")
                options[name] = value
        return cls(tool, words, options, stdin, files or {})

    def flag(self, name: str) -> bool:
        return self.options.get(name, "false").lower() == "true"

    def option(self, name: str) -> str | None:
        return self.options.get(name)

    def word(self, index: int, meaning: str) -> str:
        if len(self.words) <= index:
            raise ToolError(f"no {meaning} specified")
        return self.words[index]

    def pairs(self, start: int = 0) -> dict[str, str]:
        """The ``key=value`` words; ``key#file=path`` takes the file's content, ``key#base64=…`` stays as given."""
        found: dict[str, str] = {}
        for word in self.words[start:]:
            key, equals, value = word.partition("=")
            if not equals or not key:
                raise ToolError(f'expected "key=value", got "{word}"')
            if key.endswith("#file"):
                key, value = key.removesuffix("#file"), self.files[value]
            found[key] = value
        return found

    def answer(self, value: Any) -> str:
        """The value in the form that ``--format`` asks for; without it, the one made for shell scripts."""
        form = self.option("--format") or "smart"
        if form == "json":
            return json.dumps(value) + "\n"
        if form not in ("smart", "yaml"):
            raise ToolError(f'unknown format "{form}"')
        if value is None:
            return ""
        if form == "smart" and isinstance(value, str):
            return f"{value}\n"
        if form == "smart" and isinstance(value, bool):
            return f"{value}\n"
        if form == "smart" and isinstance(value, list):
            return "".join(f"{item}\n" for item in value)
        return yaml.safe_dump(value, default_flow_style=False)


def _stands_alone(tool: str, name: str) -> bool:
    """Whether an option takes no value; ``--app`` of secret-revoke, alone among the tools, names an application."""
    named = tool == "secret-revoke" and name == "--app"
    if name not in FLAGS | VALUED:
        raise ToolError(f"option provided but not defined: {name}")
    return name in FLAGS and not named


Tool = Callable[[HookContext, Call], str]
