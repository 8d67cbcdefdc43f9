"""Secrets of the application. What was written in this dispatch is read back at once: Juju keeps it until the end."""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import ops

_written: WeakKeyDictionary[ops.Model, dict[str, dict[str, str]]] = WeakKeyDictionary()


def read(model: ops.Model, label: str) -> dict[str, str]:
    """The newest content; empty while there is no such secret."""
    if label in _written.get(model, {}):
        return dict(_written[model][label])
    try:
        return model.get_secret(label=label).get_content(refresh=True)
    except ops.SecretNotFoundError:
        return {}


def write(model: ops.Model, label: str, content: Mapping[str, str], description: str = "") -> str:
    """Make or change a secret, and give its id. Only the leader may."""
    _written.setdefault(model, {})[label] = dict(content)
    try:
        secret = model.get_secret(label=label)
        secret.set_content(dict(content))
    except ops.SecretNotFoundError:
        secret = model.app.add_secret(dict(content), label=label, description=description or None)
    return str(secret.id or secret.get_info().id)


def remove(model: ops.Model, label: str) -> None:
    """Take a secret away, where there is one. Only the leader may."""
    _written.setdefault(model, {})[label] = {}
    try:
        model.get_secret(label=label).remove_all_revisions()
    except ops.SecretNotFoundError:
        return
