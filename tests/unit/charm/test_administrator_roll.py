"""Administrators of the Admin UI, where several units make and delete accounts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ops import testing

from unit.charm.admin_stub import AdminStub
from unit.charm.fga_stub import FgaStub
from unit.charm.states import openfga
from unit.charm.units import Units

ACCOUNT = {"username": "ann", "email": "ann@shop.test", "password": "correct horse"}
ANN = {"user:ann@shop.test"}


@pytest.fixture
def fga() -> Iterator[FgaStub]:
    with FgaStub() as stub:
        yield stub


@pytest.fixture
def units(admin: AdminStub, fga: FgaStub) -> Units:
    """Two units; the first one leads."""
    both = Units(2)
    both.relations = [openfga(http_api_url=fga.url)]
    both.secrets = [*both.secrets, testing.Secret({"token": "fga-token"}, id="secret:fga", owner=None)]
    both.settle()
    return both


def create(units: Units, unit: int) -> None:
    """Make the account on a unit, whether the action fails or not."""
    units.attempt(unit, "create-admin-account", **ACCOUNT)


def noted(units: Units) -> list[str]:
    """The addresses that any bag names."""
    bags = (units.app_bag, *units.bags.values())
    return [one["email"] for bag in bags for one in json.loads(bag.get("administrators", "{}")).values()]


@pytest.mark.parametrize("unit", [0, 1])
def test_whichever_unit_deletes_an_account_that_waits_nobody_inherits(
    units: Units, admin: AdminStub, fga: FgaStub, unit: int
) -> None:
    fga.model = False
    create(units, 1 - unit)
    assert noted(units) == ["ann@shop.test"]
    units.run(unit, "delete-identity", email="ann@shop.test")
    assert admin.identities == {}
    fga.model = True
    admin.add(email="ann@shop.test")
    units.settle()
    assert fga.administrators() == set() and noted(units) == []


def test_a_wish_outlives_the_unit_that_has_it(units: Units, admin: AdminStub, fga: FgaStub) -> None:
    fga.model = False
    create(units, 1)
    units.run(0)
    del units.bags[1]
    fga.model = True
    units.run(0)
    assert fga.administrators() == ANN


def test_a_wish_outlives_all_units(units: Units, admin: AdminStub, fga: FgaStub) -> None:
    fga.model = False
    create(units, 0)
    kept = units.app_bag
    units.bags = {0: {}, 1: {}}
    assert units.app_bag == kept
    fga.model = True
    units.settle()
    assert fga.administrators() == ANN


def test_the_leader_takes_over_what_another_unit_noted(units: Units, admin: AdminStub, fga: FgaStub) -> None:
    create(units, 1)
    units.settle()
    assert fga.administrators() == ANN
    assert "administrators" in units.app_bag
    assert not [bag for bag in units.bags.values() if "administrators" in bag]
    admin.identities.clear()
    units.leader = 1
    units.settle()
    assert fga.administrators() == set() and noted(units) == []


def test_a_unit_that_could_not_delete_gives_the_rights_back(units: Units, admin: AdminStub, fga: FgaStub) -> None:
    create(units, 0)
    units.settle()
    admin.refuse("DELETE .*", 500, "the disk is full")
    real = fga.answer

    def broken(path: str, authorization: str, body: Any) -> tuple[int, Any]:
        return (500, {"message": "full too"}) if "writes" in body else real(path, authorization, body)

    fga.answer = broken  # type: ignore[method-assign] - an OpenFGA that takes rights and gives none
    units.attempt(1, "delete-identity", email="ann@shop.test")
    assert fga.administrators() == set() and len(admin.identities) == 1
    fga.answer = real  # type: ignore[method-assign] - as before
    units.settle()
    assert fga.administrators() == ANN
    assert not [bag for bag in units.bags.values() if "administrators" in bag]


def test_while_the_server_does_not_say_who_exists_nobody_is_touched(
    units: Units, admin: AdminStub, fga: FgaStub
) -> None:
    create(units, 0)
    admin.refuse("GET /identities/.*", 503, "the database is away")
    units.settle()
    assert fga.administrators() == ANN and noted(units) == ["ann@shop.test"]
