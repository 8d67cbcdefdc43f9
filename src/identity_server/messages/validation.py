"""Messages about traits that break their schema."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.schema.violation import Violation

from . import errors, ids
from .message import Message, compose, plain

#: Rules whose evidence is the context of their message.
_BY_KEYWORD: Final = {
    "exclusiveMaximum": ids.NOT_BELOW_MAXIMUM,
    "exclusiveMinimum": ids.NOT_ABOVE_MINIMUM,
    "maxItems": ids.TOO_MANY_ITEMS,
    "maxLength": ids.TOO_LONG,
    "maximum": ids.ABOVE_MAXIMUM,
    "minItems": ids.TOO_FEW_ITEMS,
    "minLength": ids.TOO_SHORT,
    "minimum": ids.BELOW_MINIMUM,
    "multipleOf": ids.NOT_A_MULTIPLE,
    "pattern": ids.PATTERN_MISMATCH,
    "required": ids.REQUIRED,
    "type": ids.WRONG_TYPE,
    "uniqueItems": ids.ITEMS_NOT_UNIQUE,
}

_REASONS: Final = {
    "additionalItems": "there are more entries than allowed",
    "contains": "no entry is of the kind that is needed",
    "dependencies": "something that belongs to it is missing",
    "dependentRequired": "something that belongs to it is missing",
    "maxProperties": "there are too many members",
    "minProperties": "there are too few members",
    "not": "this value is not allowed",
    "oneOf": "this fits more than one of the kinds that exclude each other",
    "propertyNames": "a member has a name that is not allowed",
    "unevaluatedProperties": "there are members that are not allowed",
}


def message_for(violation: Violation) -> Message:
    """What to tell about a broken rule."""
    details = violation.details
    match violation.keyword:
        case keyword if keyword in _BY_KEYWORD and details:
            return compose(_BY_KEYWORD[keyword], **details)
        case "const" if "expected" in details:
            return compose(ids.NOT_THE_CONSTANT, **details)
        case "const":
            return plain(ids.NOT_A_HIDDEN_CONSTANT)
        case "format":
            return _format(str(details["format"]), str(details["value"]))
        case _:
            return errors.invalid(_reason(violation.keyword, details))


def _format(name: str, value: str) -> Message:
    match name:
        case "email" | "idn-email":
            return errors.not_an_email(value)
        case "tel":
            return errors.not_a_phone_number(value)
        case _:
            return errors.invalid(f"“{value}” is not of the form “{name}”")


def _reason(keyword: str, details: Mapping[str, Any]) -> str:
    match keyword:
        case "enum":
            return "this must be one of " + ", ".join(f"“{each}”" for each in details["options"])
        case "additionalProperties":
            return "not known here: " + ", ".join(f"“{each}”" for each in details["properties"])
        case "identifier":
            return f"this cannot name an account: {details['reason']}"
        case "size":
            return str(details["reason"])
        case _:
            return _REASONS.get(keyword, f"the rule “{keyword}” is not kept")


def explain(violation: Violation) -> str:
    """One line for an operator: where, and what."""
    return f"{violation.pointer}: {message_for(violation).text}"
