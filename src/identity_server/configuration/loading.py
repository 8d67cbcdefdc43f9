"""From files, environment and flags to one checked configuration."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from identity_server.configuration import documents, environment
from identity_server.configuration.checking import Fault, faults
from identity_server.configuration.explaining import explain
from identity_server.configuration.layers import Layer, Origins, combine
from identity_server.configuration.problems import ConfigurationError, Problem
from identity_server.configuration.tree import document, expand, members
from identity_server.configuration.values import Configuration

#: Flags of the command line that set a key.
FLAGS: Mapping[str, str] = {
    "dev": "--dev",
    "watch-courier": "--watch-courier",
    "sqa-opt-out": "--sqa-opt-out",
    "expose-metrics-port": "--expose-metrics-port",
}


def load(
    files: Sequence[str],
    environ: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
    *,
    base: Layer | None = None,
) -> Configuration:
    """Reads every layer and checks the whole.

    Args:
        files: YAML, JSON or TOML files; later ones go over earlier ones.
        environ: environment variables under Kratos' names; they go over the files.
        flags: values by dotted key; they go over everything.
        base: a layer below the files.

    Raises:
        ConfigurationError: with everything that is wrong, each with its key and source.
    """
    return checked(layers(files, environ, flags, base=base))


def layers(
    files: Sequence[str],
    environ: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
    *,
    base: Layer | None = None,
) -> list[Layer]:
    """All layers, lowest first.

    Raises:
        ConfigurationError: when a file cannot be read.
    """
    above = [Layer(f"flag {FLAGS.get(key, key)}", nested(key, value)) for key, value in (flags or {}).items()]
    below = [base] if base else []
    return [*below, *_files(files), *environment.layers(environ), *above]


def of(values: Mapping[str, Any], source: str = "the program") -> Configuration:
    """A checked configuration from values in sections.

    Raises:
        ConfigurationError: with everything that is wrong.
    """
    return checked([Layer(source, values)])


def replaced(configuration: Configuration, changes: Mapping[str, Any], source: str = "the program") -> Configuration:
    """A checked copy with other values under some dotted keys; None takes a key away.

    Raises:
        ConfigurationError: with everything that is wrong.
    """
    values, origins = configuration.given(), Origins(configuration.origins.known())
    for key, value in changes.items():
        path = tuple(key.split("."))
        section: Any = values
        for name in path[:-1]:
            section = section[int(name)] if isinstance(section, list) else section.setdefault(name, {})
        if value is None:
            section.pop(path[-1], None)
        else:
            section[int(path[-1]) if isinstance(section, list) else path[-1]] = value
            origins.note(path, source)
    return _checked(values, origins)


def nested(key: str, value: Any) -> dict[str, Any]:
    """A dotted key and its value as sections in sections."""
    for name in reversed(key.split(".")):
        value = {name: value}
    return value


def _files(files: Sequence[str]) -> list[Layer]:
    found: list[Layer] = []
    problems: list[Problem] = []
    for file in files:
        try:
            found.append(documents.read(str(file)))
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    return found


def checked(found: Sequence[Layer]) -> Configuration:
    """Combines layers and refuses what the schema refuses.

    Raises:
        ConfigurationError: with everything that is wrong.
    """
    return _checked(*combine(found))


def _checked(values: dict[str, Any], origins: Origins) -> Configuration:
    problems = list(problems_of(values, origins))
    if problems:
        raise ConfigurationError(problems)
    return Configuration(values, origins)


def problems_of(values: Any, origins: Origins) -> Iterator[Problem]:
    """What is wrong with values, each key and reason once."""
    seen: set[Problem] = set()
    for fault in faults(document(), values):
        for problem in _spread(fault, origins):
            if problem not in seen:
                seen.add(problem)
                yield problem
    yield from _schemas(values, origins)


def _spread(fault: Fault, origins: Origins) -> Iterator[Problem]:
    """A missing section is told as the keys that must stand in it."""
    node = expand(members(fault.node).get(fault.name, {})) if fault.keyword == "required" else {}
    inner: list[str] = node.get("required", [])
    for name in inner:
        yield from _spread(Fault((*fault.path, name), "required", node, None, name), origins)
    if not inner:
        yield explain(fault, origins)


def _schemas(values: Any, origins: Origins) -> Iterator[Problem]:
    identity = values.get("identity")
    schemas = identity.get("schemas") if isinstance(identity, dict) else None
    if not isinstance(schemas, list) or not all(isinstance(item, dict) and "id" in item for item in schemas):
        return
    ids = [str(item["id"]) for item in schemas]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            key = ("identity", "schemas", str(index), "id")
            yield Problem(".".join(key), f"{name!r} stands there twice", "each id once", origins.of(key))
