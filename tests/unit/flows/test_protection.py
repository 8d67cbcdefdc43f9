"""When guessing is limited, and how."""

from pathlib import Path
from typing import Any

import pytest

from identity_server.configuration import Configuration, load
from identity_server.flows import protection
from live_server import configuration

NOW = "2026-01-01T12:00:00.000000Z"


def configured(folder: Path, **overrides: Any) -> Configuration:
    import json

    file = folder / "kratos.json"
    file.write_text(json.dumps({**configuration("memory", 4433, 4434, overrides)}), encoding="utf-8")
    return load([str(file)], {}, {})


@pytest.mark.parametrize(
    ("overrides", "on"),
    [
        ({}, True),
        ({"dev": True}, False),
        ({"dev": True, "security": {"brute_force": {"enabled": True}}}, True),
        ({"security": {"brute_force": {"enabled": False}}}, False),
    ],
)
def test_it_is_on_except_while_developing(tmp_path: Path, overrides: dict[str, Any], on: bool) -> None:
    assert protection.is_on(configured(tmp_path, **overrides)) is on


def test_codes_are_limited_per_address_where_it_is_on(tmp_path: Path) -> None:
    limits = protection.guesses(configured(tmp_path), NOW)
    assert (limits.per_flow, limits.per_subject, limits.since) == (5, 20, "2026-01-01T11:00:00.000000Z")
    assert protection.guesses(configured(tmp_path, dev=True), NOW).per_subject == 0


def test_how_many_codes_for_how_long_is_configured(tmp_path: Path) -> None:
    codes = {"attempts": 7, "window": "10m"}
    limited = configured(tmp_path, security={"brute_force": {"codes": codes}})
    limits = protection.guesses(limited, NOW)
    assert (limits.per_flow, limits.per_subject, limits.since) == (5, 7, "2026-01-01T11:50:00.000000Z")
    assert protection.wait(limited, "2026-01-01T11:55:00.000000Z", NOW) == 300


def test_the_wait_ends_an_hour_after_the_oldest_guess(tmp_path: Path) -> None:
    limited = configured(tmp_path)
    assert protection.wait(limited, "2026-01-01T11:30:00.000000Z", NOW) == 1800
    assert protection.wait(limited, "2026-01-01T11:00:00.000000Z", NOW) == 1
