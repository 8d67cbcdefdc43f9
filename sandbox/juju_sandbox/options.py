"""Values of a charm's config options, as `juju config` takes them and `config-get` gives them."""

import json
from collections.abc import Mapping
from typing import Any

from juju_sandbox.failures import SandboxError
from juju_sandbox.store import Store

Options = Mapping[str, Mapping[str, Any]]


def parse(options: Options, key: str, text: str) -> Any:
    """One value in its option's type.

    Raises:
        SandboxError: The option is unknown, or the text is not of its type.
    """
    if key not in options:
        raise SandboxError(f'unknown option "{key}"; this charm has: {", ".join(sorted(options)) or "none"}')
    kind = options[key].get("type", "string")
    try:
        return _typed(kind, text)
    except ValueError:
        raise SandboxError(f'option "{key}" expected {kind}, got "{text}"') from None


def _typed(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else _refuse()
    if kind == "secret":
        return text if not text or text.startswith("secret:") else _refuse()
    return {"int": int, "float": float}.get(kind, str)(text)


def _refuse() -> Any:
    raise ValueError


def change(store: Store, application: str, options: Options, values: Mapping[str, str], reset: list[str]) -> None:
    """Sets and resets options, all or none."""
    typed = {key: parse(options, key, text) for key, text in values.items()}
    for key in reset:
        parse(options, key, "") if key not in options else None
        store.run("DELETE FROM setting WHERE application = ? AND key = ?", application, key)
    for key, value in typed.items():
        store.run("INSERT OR REPLACE INTO setting VALUES (?, ?, ?)", application, key, json.dumps(value))


def given(store: Store, application: str) -> dict[str, Any]:
    """What the operator has set."""
    rows = store.all("SELECT key, value FROM setting WHERE application = ?", application)
    return {row["key"]: json.loads(row["value"]) for row in rows}


def effective(store: Store, application: str, options: Options) -> dict[str, Any]:
    """What `config-get` answers: set values over defaults; options with neither are absent."""
    defaults = {key: body["default"] for key, body in options.items() if body.get("default") is not None}
    chosen = {key: value for key, value in given(store, application).items() if key in options}
    return dict(sorted((defaults | chosen).items()))
