"""Identifiers and addresses out of traits, as the keyword ``ory.sh/kratos`` marks them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import normalize
from .extension import Extension
from .formats import is_email, is_phone_number
from .keywords import LONGEST_EVIDENCE
from .violation import Violation, dotted
from .walk import ITEM, Path, Schema

Concrete = tuple[str | int, ...]
Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the marked traits say, each list in the order of the schema and without repetition.

    Attributes:
        identifiers: by credential (``password``, ``webauthn``), in canonical form.
        code: (channel, address) pairs that one-time codes for signing in may be sent to.
        verifiable: (channel, address) pairs to verify.
        recovery: (channel, address) pairs to recover the account with.
        totp_account_name: the label in an authenticator app; empty for none.
        passkey_display_name: the name a passkey is stored under; empty for none.
        violations: marked traits that are no address or cannot identify anybody; they are in no list.
    """

    identifiers: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    code: list[Address] = field(default_factory=list[Address])
    verifiable: list[Address] = field(default_factory=list[Address])
    recovery: list[Address] = field(default_factory=list[Address])
    totp_account_name: str = ""
    passkey_display_name: str = ""
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A trait that the schema marks."""

    path: Path
    format: str
    extension: Extension
    conditions: tuple[tuple[Path, Schema], ...]


def extract(marks: Sequence[Mark], document: dict[str, Any], is_valid: Callable[[Any, Any], bool]) -> Extraction:
    """What the marked traits of ``{"traits": …}`` say.

    Args:
        marks: the marked traits of the schema.
        document: the identity as schemas see it.
        is_valid: whether a value fulfils a schema.
    """
    reader = _Reader()
    for mark in marks:
        for place, value in _values(document, mark.path):
            text = _as_text(value)
            if text and all(is_valid(_at(document, place[: len(path)]), schema) for path, schema in mark.conditions):
                reader.read(mark, dotted(place), text)
    return reader.done()


class _Reader:
    def __init__(self) -> None:
        self._identifiers: dict[str, dict[str, None]] = {}
        self._addresses: dict[str, dict[Address, None]] = {"code": {}, "verifiable": {}, "recovery": {}}
        self._violations: dict[tuple[str, str], Violation] = {}
        self._totp = self._passkey = ""

    def read(self, mark: Mark, pointer: str, text: str) -> None:
        extension = mark.extension
        name = self._canonical(pointer, text, normalize.identifier) if extension.identifies else ""
        if name:
            for kind in extension.identifies:
                self._identifiers.setdefault(kind, {})[name] = None
        self._address("code", extension.code_via, mark, pointer, text)
        self._address("verifiable", extension.verification_via, mark, pointer, text)
        self._address("recovery", extension.recovery_via, mark, pointer, text)
        if extension.totp_account_name:
            self._totp = self._totp or text
        if extension.passkey_display_name:
            self._passkey = self._passkey or text

    def _address(self, purpose: str, via: str | None, mark: Mark, pointer: str, text: str) -> None:
        if via is None:
            return
        if fault := _fault(via, mark.format, text):
            self._violations[pointer, fault] = Violation(
                pointer, "format", {"format": fault, "value": text[:LONGEST_EVIDENCE]}
            )
            return
        value = self._canonical(pointer, text, lambda each: normalize.address(via, each))
        if value:
            self._addresses[purpose][via, value] = None

    def _canonical(self, pointer: str, text: str, form: Callable[[str], str]) -> str:
        try:
            return form(text)
        except normalize.NotCanonical as error:
            self._violations[pointer, "identifier"] = Violation(pointer, "identifier", {"reason": str(error)})
            return ""

    def done(self) -> Extraction:
        return Extraction(
            identifiers={kind: list(names) for kind, names in self._identifiers.items()},
            code=list(self._addresses["code"]),
            verifiable=list(self._addresses["verifiable"]),
            recovery=list(self._addresses["recovery"]),
            totp_account_name=self._totp,
            passkey_display_name=self._passkey,
            violations=tuple(self._violations.values()),
        )


def _fault(via: str, declared: str, text: str) -> str:
    """The format that an address lacks, or nothing. ``no-validate`` takes any text for an address."""
    if declared == "no-validate":
        return ""
    if via == "sms":
        return "" if is_phone_number(text) else "tel"
    return "" if is_email(text) else "email"


def _as_text(value: Any) -> str:
    match value:
        case str():
            return value if value.strip() else ""
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            return ""


def _values(document: Any, path: Path, place: Concrete = ()) -> Iterator[tuple[Concrete, Any]]:
    if not path:
        yield place, document
    elif path[0] is ITEM:
        if isinstance(document, list):
            for index, item in enumerate(document):
                yield from _values(item, path[1:], (*place, index))
    elif isinstance(document, dict) and path[0] in document:
        yield from _values(document[path[0]], path[1:], (*place, str(path[0])))


def _at(document: Any, place: Concrete) -> Any:
    for part in place:
        document = document[part]
    return document
