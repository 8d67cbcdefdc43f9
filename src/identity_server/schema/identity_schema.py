"""One compiled identity schema."""

from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from typing import Any, Final

from .document import Document
from .extension import parse
from .extraction import Extraction, Mark, extract
from .fields import TraitField, fields
from .form_traits import FormTraits
from .keywords import Fault
from .violation import Violation, dotted
from .walk import ITEM, Visit, visits

Traits = Any

#: JSON values in the traits of one identity. Each costs microseconds on the loop that serves everybody.
MOST_VALUES: Final = 10_000
#: Broken rules that are told; the rest shows after these are mended.
MOST_VIOLATIONS: Final = 50

#: Broken rules of one trait are told in this order; the others follow as found.
_RANK: Final = {"type": 0, "const": 1, "enum": 2, "format": 3, "minLength": 4, "maxLength": 5, "pattern": 6}


class IdentitySchema:
    """A schema as configured under an id. Immutable, and safe to share between threads.

    Attributes:
        id: its id in the configuration.
        url: where it was read from.
        selfservice_selectable: whether a flow may ask for it by id.
        raw: the document as written.
    """

    def __init__(self, schema_id: str, url: str, document: Document, *, selfservice_selectable: bool = False) -> None:
        self.id = schema_id
        self.url = url
        self.selfservice_selectable = selfservice_selectable
        self.raw = document.raw
        self._validator = document.validator
        self._visits: tuple[Visit, ...] = tuple(visits(document.expanded))
        self._marks = _marks(self._visits)

    def __repr__(self) -> str:
        return f"IdentitySchema({self.id!r})"

    def validate(self, traits: Traits) -> list[Violation]:
        """All rules that the traits break, marked addresses that are none included; empty when they fit."""
        return self.examine(traits)[0]

    def examine(self, traits: Traits) -> tuple[list[Violation], Extraction]:
        """The rules that the traits break and what they hold, in one go."""
        if _is_huge(traits):
            reason = f"there are more than {MOST_VALUES} values"
            return [Violation("traits", "size", {"reason": reason})], Extraction()
        document = {"traits": traits}
        extraction = self._extract(document)
        return self._violations(document, extraction), extraction

    def extract(self, traits: Traits) -> Extraction:
        """Identifiers and addresses that the traits hold."""
        return Extraction() if _is_huge(traits) else self._extract({"traits": traits})

    def _violations(self, document: dict[str, Any], extraction: Extraction) -> list[Violation]:
        broken = (violation for error in self._validator.iter_errors(document) for violation in _leaves(error))
        told = [*islice(broken, MOST_VIOLATIONS), *extraction.violations[:MOST_VIOLATIONS]]
        return _distinct(told) if told else []

    def _extract(self, document: dict[str, Any]) -> Extraction:
        return extract(
            self._marks, document, lambda value, schema: self._validator.evolve(schema=schema).is_valid(value)
        )

    @cached_property
    def fields(self) -> tuple[TraitField, ...]:
        """The form's fields in the order of the schema."""
        return fields(self._visits)

    def from_form(self, traits: Any) -> dict[str, Any]:
        """Traits out of the text that a form sent, as numbers, booleans and lists where the schema has such.

        Args:
            traits: nested objects of text. Members that the schema lacks and empty fields are left out.
        """
        return self._form.read(traits)

    def with_objects(self, traits: Any) -> Any:
        """The traits, with an empty object in the place of each object that is missing, as sign-up adds them."""
        return self._form.with_objects(traits)

    @cached_property
    def _form(self) -> FormTraits:
        return FormTraits(self._visits)

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields: the order of their nodes."""
        return tuple(each.name for each in self.fields)

    @cached_property
    def identifier_field(self) -> TraitField | None:
        """The field that people sign in with, when there is exactly one; its title labels the login form."""
        names = {dotted(str(part) for part in mark.path if part is not ITEM) for mark in self._identifying}
        return next((each for each in self.fields if {each.name} == names), None)

    @cached_property
    def names_passkeys(self) -> bool:
        """Whether some trait names passkeys; without one, passkeys cannot be registered at sign-up."""
        return any(mark.extension.passkey_display_name for mark in self._marks)

    @cached_property
    def passkey_name_field(self) -> str:
        """The field whose value names passkeys: the one that is marked, else one that identifies; empty for neither."""
        marked = [mark for mark in self._marks if mark.extension.passkey_display_name]
        named = [mark for mark in self._identifying if "webauthn" in mark.extension.identifies]
        for mark in (*marked, *named, *self._identifying):
            return dotted(str(part) for part in mark.path if part is not ITEM)
        return ""

    @property
    def _identifying(self) -> Iterable[Mark]:
        return (mark for mark in self._marks if mark.extension.is_identifier)


def _is_huge(value: Any) -> bool:
    waiting, count = [value], 0
    while waiting:
        here = waiting.pop()
        if isinstance(here, (dict, list)):
            count += len(here)
            if count > MOST_VALUES:
                return True
            waiting.extend(here.values() if isinstance(here, dict) else here)
    return False


def _marks(places: Iterable[Visit]) -> tuple[Mark, ...]:
    found: list[Mark] = []
    for visit in places:
        extension = parse(visit.schema)
        if extension is not None:
            found.append(Mark(visit.path, str(visit.schema.get("format", "")), extension, visit.conditions))
    return tuple(found)


def _leaves(error: Any) -> Iterable[Violation]:
    """The broken rules behind an error: of ``anyOf`` and ``oneOf`` those of every branch."""
    if error.context and error.validator in ("anyOf", "oneOf"):
        for inner in error.context:
            yield from _leaves(inner)
        return
    yield _violation(error)


def _violation(error: Any) -> Violation:
    path = [*error.absolute_path]
    details: dict[str, Any] = dict(error.evidence) if isinstance(error, Fault) else {}
    keyword = str(error.validator or "false")
    if keyword == "required" and "property" in details:
        path.append(details["property"])
    if details.pop("exclusive", False):
        keyword = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}[keyword]
    return Violation(dotted(path), keyword, details)


def _distinct(violations: list[Violation]) -> list[Violation]:
    """Each once; of a trait of the wrong type nothing else is said."""
    mistyped = {each.pointer for each in violations if each.keyword == "type"}
    kept: list[Violation] = []
    for each in violations:
        if each not in kept and (each.keyword == "type" or each.pointer not in mistyped):
            kept.append(each)
    places = {each.pointer: at for at, each in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda each: (places[each.pointer], _RANK.get(each.keyword, len(_RANK))))
