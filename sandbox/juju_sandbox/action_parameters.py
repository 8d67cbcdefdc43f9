"""An action's parameters: defaults put in, the rest checked against what the charm declares."""

import copy
from collections.abc import Mapping
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match

from juju_sandbox.failures import SandboxError


def check(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with defaults.

    Raises:
        SandboxError: One is missing, unknown where none are allowed, or of another type; values are not repeated,
            since one may be a password.
    """
    properties: Mapping[str, Any] = declared.get("params") or {}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": copy.deepcopy(dict(properties)),
        "required": list(declared.get("required") or []),
        "additionalProperties": declared.get("additionalProperties", True),
    }
    defaults = {name: body["default"] for name, body in properties.items() if "default" in body}
    whole = defaults | dict(given)
    error = best_match(jsonschema.Draft4Validator(schema).iter_errors(whole))
    if error is not None:
        raise SandboxError(f"validation failed: {_sentence(error)}")
    return whole


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "(root)"
    limit = error.validator_value
    if error.validator == "required":
        missing = [name for name in limit if name not in error.instance]
        return f'{where}: "{missing[0]}" property is missing and required'
    if error.validator == "additionalProperties":
        unknown = sorted(set(error.instance) - set(error.schema["properties"]))
        known = ", ".join(sorted(error.schema["properties"])) or "none"
        return f'{where}: additional property "{unknown[0]}" is not allowed; this action knows: {known}'
    if error.validator == "type":
        return f"{where}: must be of type {limit}"
    if error.validator == "enum":
        return f"{where}: must be one of {', '.join(str(value) for value in limit)}"
    return f"{where}: must satisfy {error.validator} {limit}"
