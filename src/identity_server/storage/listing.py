"""Pages of identities: one statement a page, whatever the filter, by position or by number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, bindparam, cast, func, join, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import ColumnElement, Select

from identity_server.identity import document
from identity_server.identity.document import dump
from identity_server.storage import tables
from identity_server.storage.identities import CREDENTIAL, IDENTITY
from identity_server.storage.port import Call, Database, Rows, Statement, among

_I = tables.identities
_C = tables.identity_credentials
_N = tables.identity_identifiers

#: Credential types whose identifiers are typed and compared in their canonical form, and those taken as they are.
TYPED = ("password", "webauthn", "code")
EXACT = ("oidc", "saml")
#: Sorts behind every text that has something in front of it.
_LAST = "\U0010ffff"
_WHOLE, _PREFIX = "whole", "prefix"


@dataclass(frozen=True)
class Wanted:
    """Which identities are listed.

    Attributes:
        ids: these.
        canonical, exact: with an identifier that is, or begins with, one of these: typed ones, others.
        is_prefix: whether the identifiers only have to begin so.
        organization_id: of this organization.
        with_credentials: bring the credentials along.
    """

    ids: Sequence[str] | None = None
    canonical: str | None = None
    exact: str | None = None
    is_prefix: bool = False
    organization_id: str | None = None
    with_credentials: bool = False

    @property
    def _by_name(self) -> bool:
        return self.canonical is not None or self.exact is not None

    def shape(self, *, numbered: bool = False) -> "_Shape":
        """What decides the statement's text."""
        return _Shape(
            ids=self.ids is not None,
            names=(_PREFIX if self.is_prefix else _WHOLE) if self._by_name else "",
            organization=self.organization_id is not None,
            credentials=self.with_credentials,
            numbered=numbered,
        )

    def parameters(self) -> dict[str, Any]:
        """The values of the filters."""
        values: dict[str, Any] = {}
        if self.ids is not None:
            values["ids"] = dump(list(self.ids))
        if self._by_name:
            values |= {"canonical": self.canonical or "", "exact": self.exact or ""}
            if self.is_prefix:
                values |= {"canonical_end": f"{self.canonical}{_LAST}", "exact_end": f"{self.exact}{_LAST}"}
        if self.organization_id is not None:
            values["organization_id"] = self.organization_id
        return values


@dataclass(frozen=True)
class _Shape:
    ids: bool
    names: str
    organization: bool
    credentials: bool
    numbered: bool
    counts: bool = False


@cache
def _statement(shape: _Shape, dialect: str) -> Statement:
    conditions = _conditions(shape, dialect)
    if shape.counts:
        return Statement(select(func.count()).select_from(_I).where(*conditions))
    if shape.names == _WHOLE and shape.credentials and not shape.numbered:
        # A whole name belongs to at most one identity a type: there is nothing to cut into pages.
        joined = join(_I, _C, _C.c.identity_id == _I.c.id, isouter=True)
        behind = _I.c.id > bindparam("after")
        return Statement(
            select(*IDENTITY, *CREDENTIAL).select_from(joined).where(*conditions, behind).order_by(_I.c.id)
        )
    page = select(*IDENTITY).where(*conditions).order_by(_I.c.id).limit(bindparam("limit"))
    page = page.offset(bindparam("offset")) if shape.numbered else page.where(_I.c.id > bindparam("after"))
    return Statement(_with_credentials(page) if shape.credentials else page)


def _conditions(shape: _Shape, dialect: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.ids:
        found.append(_I.c.id.in_(_each_of("ids", dialect)))
    if shape.names:
        found.append(_I.c.id.in_(_owners(is_prefix=shape.names == _PREFIX)))
    if shape.organization:
        found.append(_I.c.organization_id == bindparam("organization_id"))
    return found


def _each_of(name: str, dialect: str) -> Select[Any]:
    """The members of a parameter that is a JSON list of texts."""
    if dialect == "postgresql":
        return select(func.jsonb_array_elements_text(cast(bindparam(name), JSONB)))
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


def _owners(*, is_prefix: bool) -> CompoundSelect[Any]:
    """Whose name it is. Two probes of the index, each of one kind: an OR of both is planned by guesses."""

    def owners(types: tuple[str, ...], name: str) -> Select[Any]:
        fits = _N.c.identifier == bindparam(name)
        if is_prefix:
            fits = (_N.c.identifier >= bindparam(name)) & (_N.c.identifier < bindparam(f"{name}_end"))
        return select(_N.c.identity_id).where(among(_N.c.type, types), fits)

    return union_all(owners(TYPED, "canonical"), owners(EXACT, "exact"))


def _with_credentials(page: Select[Any]) -> Select[Any]:
    chosen = page.subquery("page")
    columns = [chosen.c[name] for name in document.COLUMNS]
    joined = join(chosen, _C, _C.c.identity_id == chosen.c.id, isouter=True)
    return select(*columns, *CREDENTIAL).select_from(joined).order_by(chosen.c.id)


def after(wanted: Wanted, position: str, limit: int, dialect: str) -> Call:
    """The call for the identities behind a position, which is an id; ``""`` is the beginning."""
    return _statement(wanted.shape(), dialect)(after=position, limit=limit, **wanted.parameters())


async def numbered(database: Database, wanted: Wanted, offset: int, limit: int) -> tuple[Rows, int]:
    """A page counted from the start, and how many identities there are in all."""
    shape = wanted.shape(numbered=True)
    page = _statement(shape, database.dialect)
    count = _statement(replace(shape, counts=True, credentials=False), database.dialect)

    rows = await database.fetch(page(offset=offset, limit=limit, **wanted.parameters()))
    total = await database.fetch(count(**wanted.parameters()))
    return rows, int(total[0][0])
