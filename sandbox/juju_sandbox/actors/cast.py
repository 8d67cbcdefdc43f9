"""The actors that the sandbox knows, by charm name."""

from collections.abc import Mapping

from juju_sandbox.actors.actor import Actor
from juju_sandbox.actors.postgresql import PostgreSQL

CAST: Mapping[str, type[Actor]] = {actor.charm: actor for actor in (PostgreSQL,)}
