"""Traits as they are submitted: JSON as it is, texts of a form as what the schema wants them to be.

A form knows nothing but text. A text that is of the wrong type for its place becomes a number, a truth value or a
list where the schema asks for one and the text can be read as one; what cannot stays as it was typed, so that the
schema's refusal and the form show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from identity_server.flows import forms
from identity_server.flows.caller import Caller
from identity_server.messages.validation import message_for
from identity_server.schema.fields import TraitField
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.schema.violation import Violation
from identity_server.ui.container import Container, flatten

_TRUE: Final = frozenset(("true", "on", "1", "t"))
_FALSE: Final = frozenset(("false", "off", "0", "f"))
#: Each pass mends one level: a text becomes a list, then its items become numbers.
_PASSES: Final = 3


@dataclass(frozen=True)
class Submitted:
    """Traits and what is wrong with them.

    Attributes:
        traits: typed; an object unless a script sent something else.
        violations: rules of the schema that they break.
    """

    traits: Any
    violations: list[Violation] = field(default_factory=list[Violation])

    def keep(self, ui: Container) -> None:
        """Puts the values into the fields that there are, so that nobody has to type them again."""
        ui.set_values(flatten(self.traits, "traits"))

    def tell(self, ui: Container) -> None:
        """Puts a message at the field of each broken rule."""
        for violation in self.violations:
            ui.add_message(message_for(violation), violation.pointer)


def submitted(caller: Caller, form: dict[str, Any], schema: IdentitySchema) -> Submitted:
    """The traits of a submission; fields that the schema lacks are dropped from forms and refused in JSON."""
    given = form.get("traits")
    if caller.media_type == forms.JSON:
        traits = _materialised({} if given is None else given, schema.fields)
        return Submitted(traits, schema.validate(traits))
    return _typed(_materialised(_of_form(given, schema.fields), schema.fields), schema)


def _materialised(traits: Any, fields: Sequence[TraitField]) -> Any:
    """Objects that hold fields exist even when none of their fields was filled in."""
    for each in fields:
        place = traits
        for part in forms.parts(each.name)[1:-1]:
            if not isinstance(place, dict):
                break
            place = place.setdefault(part, {})
    return traits


def _of_form(given: Any, fields: Sequence[TraitField]) -> dict[str, Any]:
    traits: dict[str, Any] = {}
    for each in fields:
        names = forms.parts(each.name)[1:]
        value = _value_at(given, names)
        if value is None or value == "":
            continue  # browsers send fields that were left empty, too
        place = traits
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = value
    return traits


def _value_at(given: Any, names: Sequence[str]) -> Any:
    place = given
    for name in names:
        if not isinstance(place, dict) or name not in place:
            return None
        place = place[name]
    if isinstance(place, dict):
        return [value for _, value in sorted(place.items(), key=_number)] if all(map(str.isdecimal, place)) else None
    return place


def _number(item: tuple[str, Any]) -> int:
    return int(item[0][:9])


def _typed(traits: Any, schema: IdentitySchema) -> Submitted:
    violations = schema.validate(traits)
    for _ in range(_PASSES):
        changed = [_mend(traits, each) for each in violations if each.keyword == "type"]
        if not any(changed):
            break
        violations = schema.validate(traits)
    return Submitted(traits, violations)


def _mend(traits: Any, violation: Violation) -> bool:
    *path, last = forms.parts(violation.pointer)[1:] or [""]
    place = traits
    for name in path:
        place = _step(place, name)
    value = _step(place, last)
    allowed = violation.details.get("allowed_types") or []
    mended = read_as(value, allowed)
    if mended is value or value is None:
        return False
    place[int(last) if isinstance(place, list) else last] = mended
    return True


def _step(place: Any, name: str) -> Any:
    if isinstance(place, list):
        return place[int(name)] if name.isdecimal() and int(name) < len(place) else None
    return place.get(name) if isinstance(place, dict) else None


def read_as(value: Any, allowed: Sequence[str]) -> Any:
    """A form's value as one of the types that the schema allows; the value itself when it is none of them."""
    if isinstance(value, list):
        # A box that may be ticked is sent twice: hidden as false, then as true.
        return value[-1] if value and "array" not in allowed else value
    if not isinstance(value, str):
        return value
    text = value.strip()
    if "array" in allowed:
        return [value] if text else []
    if "boolean" in allowed and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    if "number" in allowed or "integer" in allowed:
        return _as_number(text, value)
    return None if "null" in allowed and not text else value


def _as_number(text: str, value: str) -> Any:
    try:
        number = orjson.loads(text)
    except ValueError:
        return value
    return number if isinstance(number, int | float) and not isinstance(number, bool) else value
