"""Reading what others wrote, and writing what is ours, without saying the same thing twice."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import ops

from .. import strict_json

SECRET = "secret:"
#: The endpoints whose secrets are theirs, however old the relation.
TRUSTED = ("pg-database",)


class RelationError(ValueError):
    """What the other side of a relation wrote cannot be used; the text names the endpoint."""


@contextmanager
def noted(problems: list[str]) -> Generator[None]:
    """Note what cannot be used and go on: what one neighbour writes takes nothing away from the others."""
    try:
        yield
    except RelationError as refused:
        problems.append(str(refused))


def remote(relation: ops.Relation | None) -> Mapping[str, str]:
    """The application bag of the other side; empty while it has none."""
    return relation.data[relation.app] if relation and relation.app else {}


def remotes(model: ops.Model, endpoint: str) -> Iterator[tuple[ops.Relation, Mapping[str, str]]]:
    """The relations of an endpoint with the other side's application bag, oldest first."""
    for relation in sorted(model.relations[endpoint], key=lambda one: one.id):
        yield relation, remote(relation)


def first(model: ops.Model, endpoint: str) -> ops.Relation | None:
    """The oldest relation of an endpoint. More than one is the operator's mistake, not a reason to fall over."""
    return min(model.relations[endpoint], key=lambda one: one.id, default=None)


def write(relation: ops.Relation, ours: ops.Application | ops.Unit, wanted: Mapping[str, str]) -> None:
    """Make our bag hold these values; an empty one is removed. Nothing is written that is there already."""
    bag = relation.data[ours]
    changes = {key: value for key, value in wanted.items() if bag.get(key, "") != value}
    if changes:
        bag.update(changes)


def secret(model: ops.Model, secret_id: str) -> dict[str, str]:
    """The newest content of a secret somebody granted us; empty while it is not granted."""
    if not secret_id:
        return {}
    try:
        return model.get_secret(id=secret_id).get_content(refresh=True)
    except ops.ModelError:
        # Relation-changed comes again with the grant.
        return {}


def secret_of(model: ops.Model, relation: ops.Relation, secret_id: str) -> dict[str, str]:
    """As ``secret``, for an application that may be given what is in it.

    Whoever names a secret of somebody else would be handed what was granted to us alone: the password of the database's
    user, to a mail server of its choice.

    Raises:
        RelationError: when an option, or an older relation of another application, names the secret already.
    """
    for owner, named in _secrets_before(model, relation):
        if secret_id and _bare(named) == _bare(secret_id):
            raise RelationError(f"{relation.name}: the secret that it names is that of {owner}")
    return secret(model, secret_id)


def _secrets_before(model: ops.Model, relation: ops.Relation) -> Iterator[tuple[str, str]]:
    for option, value in model.config.items():
        if str(value).startswith(SECRET):
            yield option, str(value)
    others = (other for of_one in model.relations.values() for other in of_one)
    for other in (one for one in others if one.app != relation.app and (one.id < relation.id or one.name in TRUSTED)):
        yield from ((other.name, value) for value in remote(other).values() if value.startswith(SECRET))


def _bare(secret_id: str) -> str:
    """The id alone: it may stand behind the id of a model."""
    return secret_id.removeprefix(SECRET).rpartition("/")[2]


def parsed(endpoint: str, key: str, text: str) -> Any:
    """JSON of a bag.

    Raises:
        RelationError: when it is none.
    """
    try:
        return strict_json.parse(text)
    except ValueError:
        raise RelationError(f"{endpoint}: {key} is not JSON") from None


def web_url(endpoint: str, key: str, text: str) -> str:
    """A URL of a bag, without a slash at its end.

    Raises:
        RelationError: when it is not one for ``http`` or ``https``.
    """
    if not is_web_url(text):
        raise RelationError(f"{endpoint}: {key} is not a URL for http or https")
    return text.rstrip("/")


def is_web_url(text: str) -> bool:
    """Whether a text is a URL that a server can call."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = text.isprintable() and " " not in text and not set(text) & set("\"'<>\\^`{|}")
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)
