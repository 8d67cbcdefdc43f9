"""T33: a server for other people's accounts does not start with secrets that pass, or without any for what it keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from identity_server.configuration import ConfigurationError, load, production
from live_server import configuration

COOKIE = ["a-cookie-secret-of-tests-00001"]
CIPHER = ["a-cipher-secret-of-tests-32-char"]


def loaded(tmp_path: Path, *, dev: bool = False, **changes: Any) -> Any:
    values = configuration(f"sqlite://{tmp_path}/k.sqlite", 1, 2)
    del values["secrets"]
    file = tmp_path / "kratos.json"
    file.write_text(json.dumps(values | changes))
    return load([str(file)], {}, {"dev": True} if dev else {})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, ["secrets.default", "secrets.cipher"]),
        ({"secrets": {"cookie": COOKIE}}, ["secrets.cipher"]),
        ({"secrets": {"cipher": CIPHER}}, ["secrets.default"]),
        ({"ciphers": {"algorithm": "noop"}}, ["secrets.default"]),
    ],
)
def test_t33_what_is_missing_is_named(tmp_path: Path, changes: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        production.refuse_unsafe(loaded(tmp_path, **changes))
    assert [problem.key for problem in caught.value.problems] == named
    production.refuse_unsafe(loaded(tmp_path, dev=True, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"secrets": {"cookie": COOKIE, "cipher": CIPHER}},
        {"secrets": {"default": COOKIE, "cipher": CIPHER}},
        {"secrets": {"cookie": COOKIE}, "ciphers": {"algorithm": "noop"}},
    ],
)
def test_t33_with_both_it_starts(tmp_path: Path, changes: dict[str, Any]) -> None:
    production.refuse_unsafe(loaded(tmp_path, **changes))


@pytest.mark.parametrize(
    ("dev", "ciphers", "algorithm"),
    [
        (False, None, "xchacha20-poly1305"),
        (False, {"algorithm": "aes"}, "aes"),
        (False, {"algorithm": "noop"}, "noop"),
        (True, None, "noop"),
        (True, {"algorithm": "aes"}, "aes"),
    ],
)
def test_t33_a_secret_for_it_is_used_unless_told_otherwise(
    tmp_path: Path, dev: bool, ciphers: dict[str, Any] | None, algorithm: str
) -> None:
    changes = {"secrets": {"cookie": COOKIE, "cipher": CIPHER}, **({"ciphers": ciphers} if ciphers else {})}
    assert loaded(tmp_path, dev=dev, **changes).cipher_algorithm == algorithm
