"""The charm's archive: it holds what the charm needs, and nothing of the server."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
#: Where ``tests/install-tools`` puts it.
INSTALLED = ROOT / ".cache/charmcraft/bin/charmcraft"
CHARMCRAFT = os.environ.get("CHARMCRAFT") or shutil.which("charmcraft") or (INSTALLED.exists() and str(INSTALLED))


def load(name: str) -> ModuleType:
    """A program of ``packing/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packing" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


assemble_charm, charm_lock = load("assemble_charm"), load("charm_lock")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "kratos.charm"
    assemble_charm.archive(path)
    return path


@pytest.fixture(scope="module")
def unpacked(archive: Path) -> Path:
    folder = archive.parent / "unpacked"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, folder], check=True)
    return folder


def test_the_lock_of_the_charm_is_up_to_date() -> None:
    found = (ROOT / "requirements-charm.lock").read_text(encoding="utf-8")
    assert found == charm_lock.charm_lock(), "run python packing/charm_lock.py > requirements-charm.lock"


def test_each_package_has_hashes() -> None:
    blocks = (ROOT / "requirements-charm.lock").read_text(encoding="utf-8").split("\n")
    pins = [number for number, line in enumerate(blocks) if "==" in line]
    assert pins and all("--hash=sha256:" in blocks[number + 1] for number in pins)


def test_of_the_server_the_contract_alone_is_in_it(archive: Path) -> None:
    names = zipfile.ZipFile(archive).namelist()
    server = {name for name in names if name.startswith("src/identity_server/") and not name.endswith("/")}
    assert server == {"src/identity_server/__init__.py", "src/identity_server/contract.py"}
    assert not [name for name in names if "asyncpg" in name or "starlette" in name or name.endswith(".pyc")]


def test_its_entry_can_be_run(archive: Path) -> None:
    modes = {info.filename: info.external_attr >> 16 for info in zipfile.ZipFile(archive).infolist()}
    assert modes["dispatch"] & 0o111 and modes["src/charm.py"] & 0o111


def test_the_charm_runs_on_what_is_in_it(unpacked: Path) -> None:
    site = next((unpacked / "venv/lib").iterdir()) / "site-packages"
    script = (
        "import json, sys, charm, ops, identity_charm.rendering as r, lightkube.resources.apps_v1, jsonschema;"
        "r.render('kratos.yaml.j2', settings={});"
        "print(json.dumps([m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)]))"
    )
    paths = os.pathsep.join(map(str, (unpacked / "lib", unpacked / "src", site)))
    done = subprocess.run(
        [sys.executable, "-S", "-s", "-c", script],
        env={"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=True,
    )
    outside = [path for path in json.loads(done.stdout) if "site-packages" in path and str(unpacked) not in path]
    assert outside == []


def test_the_variant_without_storage(tmp_path: Path) -> None:
    text = assemble_charm.without_storage((ROOT / "metadata.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = yaml.safe_load(text)
    whole = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))
    assert "storage" not in found and "mounts" not in found["containers"]["kratos"]
    assert {key: value for key, value in found.items() if key != "containers"} == {
        key: value for key, value in whole.items() if key not in ("containers", "storage")
    }


@pytest.mark.skipif(not CHARMCRAFT, reason="charmcraft is not installed; tests/install-tools does it")
def test_charmcrafts_own_linters_pass(archive: Path) -> None:
    done = subprocess.run(
        [str(CHARMCRAFT), "analyse", "--format", "json", str(archive)], capture_output=True, text=True, check=False
    )
    results = {one["name"]: one["result"] for one in json.loads(done.stdout)}
    accepted = yaml.safe_load((ROOT / "charmcraft.yaml").read_text(encoding="utf-8"))["analysis"]["ignore"]["linters"]
    assert results["entrypoint"] == results["metadata"] == results["pip-check"] == "ok"
    bad = {name for name, result in results.items() if result in ("error", "fatal", "warning")}
    assert bad <= set(accepted)
