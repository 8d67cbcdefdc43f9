"""Options and identity schemas: as they are now or, where that cannot be used, as they were when they last could."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ops

from .admin_keys import AdminKeyError, AdminKeys
from .identity_schemas import IdentitySchemas, SchemaError
from .last_good import LastGood
from .options import Options

Shared = Mapping[str, str]


@dataclass(frozen=True)
class Sources:
    """A usable set.

    Attributes:
        given: the options as Juju gave them.
        shared: the map of schemas that is shared with the Admin UI.
    """

    options: Options
    schemas: IdentitySchemas
    admin_keys: AdminKeys
    given: Mapping[str, Any]
    shared: Shared


@dataclass(frozen=True)
class Found:
    """What there is to work with.

    Attributes:
        options: even when there is no usable set.
        problem: what is wrong with what the operator and the Admin UI say now.
    """

    sources: Sources | None
    options: Options | None
    problem: str = ""


def load(charm: ops.CharmBase, shared: Shared | None, last: LastGood) -> Found:
    """Find a set that fits together, the newest first.

    Args:
        shared: the map of schemas, unless it cannot be read.
        last: what was usable before.
    """
    problem, known = "", None
    for given, options in _candidates(charm, last):
        try:
            known = known or options()
        except ValueError as refused:
            problem = problem or f"Bad option: {refused}"
            continue
        for schemas in (one for one in (shared, last.schemas) if one is not None):
            try:
                return Found(_together(charm.model, options(), given, schemas), known, problem)
            except SchemaError as refused:
                problem = problem or f"Bad identity schemas: {refused}"
            except AdminKeyError as refused:
                problem = problem or f"Bad option: {refused}"
    return Found(None, known, problem)


def kept(charm: ops.CharmBase, last: LastGood) -> Sources | None:
    """The set that was usable before, if it still is."""
    if last.options is None:
        return None
    try:
        return _together(charm.model, _revived(charm, last.options), last.options, last.schemas or {})
    except ValueError:
        return None


def _candidates(charm: ops.CharmBase, last: LastGood) -> Iterator[tuple[Mapping[str, Any], Callable[[], Options]]]:
    yield dict(charm.config), lambda: charm.load_config(Options)
    if last.options is not None and last.options != dict(charm.config):
        before = last.options
        yield before, lambda: _revived(charm, before)


def _together(model: ops.Model, options: Options, given: Mapping[str, Any], shared: Shared) -> Sources:
    schemas = IdentitySchemas.load(options.identity_schemas, options.default_identity_schema_id, shared)
    return Sources(options, schemas, AdminKeys.load(model, options.admin_api_keys), given, shared)


def _revived(charm: ops.CharmBase, given: Mapping[str, Any]) -> Options:
    """Options from what Juju gave once; those that a newer charm has no more are dropped."""
    known = charm.meta.config
    values: dict[str, Any] = {name: value for name, value in given.items() if name in known}
    try:
        for name in (one for one in values if known[one].type == "secret"):
            values[name] = charm.model.get_secret(id=values[name])
    except ops.ModelError as refused:
        raise ValueError(str(refused)) from None
    return Options(**values)
