"""JSON Schema as identities are held against it.

The library `jsonschema` does the work. Stated here is what needs evidence that its errors lack, what it does with
Python's ``re`` or in quadratic time, and what it computes in binary fractions.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from jsonschema import validators
from jsonschema.exceptions import ValidationError

from .formats import fits
from .patterns import found

Schema = dict[str, Any]

#: What somebody sent is repeated in messages up to here: characters of a value, and names of unknown members.
LONGEST_EVIDENCE: Final = 256
MOST_NAMES: Final = 10


class Fault(ValidationError):
    """An error of the library that carries what a message tells."""

    evidence: dict[str, Any]

    def __init__(self, **evidence: Any) -> None:
        super().__init__("")
        self.evidence = evidence


def json_type(value: Any) -> str:
    """The name of a value's type; whole numbers are numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _type(validator: Any, types: Any, instance: Any, _: Schema) -> Iterator[Fault]:
    allowed = [types] if isinstance(types, str) else list(types)
    if not any(validator.is_type(instance, name) for name in allowed):
        yield Fault(allowed_types=allowed, actual_type=json_type(instance))


def _required(_: Any, names: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, dict) and isinstance(names, list):
        for name in names:
            if name not in instance:
                yield Fault(property=name)


def _pattern(_: Any, pattern: str, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, str) and not found(pattern, instance):
        yield Fault(pattern=pattern)


def _format(_: Any, name: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, str) and isinstance(name, str) and not fits(name, instance):
        yield Fault(format=name, value=instance[:LONGEST_EVIDENCE])


def _min_length(_: Any, bound: int, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, str) and len(instance) < bound:
        yield Fault(min_length=int(bound), actual_length=len(instance))


def _max_length(_: Any, bound: int, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, str) and len(instance) > bound:
        yield Fault(max_length=int(bound), actual_length=len(instance))


def _min_items(_: Any, bound: int, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, list) and len(instance) < bound:
        yield Fault(min_items=int(bound), actual_items=len(instance))


def _max_items(_: Any, bound: int, instance: Any, schema: Schema) -> Iterator[Fault]:
    if isinstance(instance, list) and len(instance) > bound:
        yield Fault(max_items=int(bound), actual_items=len(instance))


def _minimum(_: Any, bound: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    exclusive = schema.get("exclusiveMinimum") is True  # draft-04
    if _is_number(instance) and (instance < bound or (exclusive and instance == bound)):
        yield Fault(minimum=bound, actual=instance, exclusive=exclusive)


def _maximum(_: Any, bound: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    exclusive = schema.get("exclusiveMaximum") is True
    if _is_number(instance) and (instance > bound or (exclusive and instance == bound)):
        yield Fault(maximum=bound, actual=instance, exclusive=exclusive)


def _exclusive_minimum(_: Any, bound: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if _is_number(instance) and _is_number(bound) and instance <= bound:
        yield Fault(minimum=bound, actual=instance)


def _exclusive_maximum(_: Any, bound: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if _is_number(instance) and _is_number(bound) and instance >= bound:
        yield Fault(maximum=bound, actual=instance)


def _multiple_of(_: Any, base: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    # As decimals: 0.3 is a multiple of 0.1, which no binary fraction shows.
    if _is_number(instance) and Fraction(str(instance)) % Fraction(str(base)):
        yield Fault(base=base, actual=instance)


def _canonical(value: Any) -> str:
    """Equal for equal values: 1 and 1.0 are one number, true is none."""

    def plain(item: Any) -> Any:
        match item:
            case float() if item.is_integer() and abs(item) < 2**53:
                return int(item)
            case list():
                return [plain(each) for each in item]
            case dict():
                return {key: plain(each) for key, each in item.items()}
            case _:
                return item

    return json.dumps(plain(value), sort_keys=True)


def _unique_items(_: Any, wanted: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if wanted is not True or not isinstance(instance, list):
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(instance):
        first = seen.setdefault(_canonical(item), index)
        if first != index:
            yield Fault(index_a=first, index_b=index)
            return


def _enum(_: Any, options: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if _canonical(instance) not in {_canonical(option) for option in options}:
        yield Fault(options=list(options))


def _const(_: Any, constant: Any, instance: Any, schema: Schema) -> Iterator[Fault]:
    if _canonical(instance) == _canonical(constant):
        return
    if isinstance(constant, (list, dict)):
        yield Fault()
    else:
        yield Fault(expected=json.dumps(constant, ensure_ascii=False))


def _pattern_properties(validator: Any, patterns: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            for name, value in instance.items():
                if found(pattern, name):
                    yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, rule: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    extra = [name for name in instance if name not in known and not any(found(each, name) for each in patterns)]
    if rule is False and extra:
        yield Fault(properties=[name[:LONGEST_EVIDENCE] for name in extra[:MOST_NAMES]])
    elif isinstance(rule, dict):
        for name in extra:
            yield from validator.descend(instance[name], rule, path=name)


OURS: Final = {
    "additionalProperties": _additional_properties,
    "const": _const,
    "enum": _enum,
    "exclusiveMaximum": _exclusive_maximum,
    "exclusiveMinimum": _exclusive_minimum,
    "format": _format,
    "maxItems": _max_items,
    "maxLength": _max_length,
    "maximum": _maximum,
    "minItems": _min_items,
    "minLength": _min_length,
    "minimum": _minimum,
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "required": _required,
    "type": _type,
    "uniqueItems": _unique_items,
}


def _dialect(base: Any) -> Any:
    ours: Any = {name: rule for name, rule in OURS.items() if name in base.VALIDATORS or name == "format"}
    return validators.extend(base, ours)


#: By the ``$schema`` that a document names, without its fragment.
DIALECTS: Final[dict[str, Any]] = {
    "http://json-schema.org/draft-04/schema": _dialect(validators.Draft4Validator),
    "http://json-schema.org/draft-06/schema": _dialect(validators.Draft6Validator),
    "http://json-schema.org/draft-07/schema": _dialect(validators.Draft7Validator),
    "https://json-schema.org/draft/2019-09/schema": _dialect(validators.Draft201909Validator),
    "https://json-schema.org/draft/2020-12/schema": _dialect(validators.Draft202012Validator),
}
DEFAULT_DIALECT: Final = "http://json-schema.org/draft-07/schema"
