"""The workload's image: its file system, put together here, runs the charm's layer under the real Pebble."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
import yaml
from ops import testing

from charm import KratosCharm
from identity_server import contract
from integration.charm.starting import free_port, wait_for
from juju_sandbox.failures import SandboxError
from juju_sandbox.tools import ensure_tools
from juju_sandbox.unit import spaces
from unit.charm.states import KEYS, create_state

ROOT = Path(__file__).parents[3]
ROCK = yaml.safe_load((ROOT / "rockcraft.yaml").read_text(encoding="utf-8"))
#: Enters the image as a container does: a root and a process tree of its own.
ENTER = (
    'mkdir -p "$0/proc" "$0/dev"; mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
    'root="$0" && exec "$(command -v chroot)" "$root" "$@"'
)


def load(name: str) -> ModuleType:
    """A program of ``packing/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packing" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


charm_lock, assemble_image, image_lock = load("charm_lock"), load("assemble_image"), load("image_lock")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("image")
    assemble_image.assemble(root, from_here=True)
    return root


def inside(image: Path, *command: str, **environment: str) -> "subprocess.Popen[bytes]":
    """A process that sees the image alone."""
    if sys.platform != "linux" or not spaces.possible() or not shutil.which("unshare"):
        pytest.skip("this machine does not allow namespaces to this user")
    user = [] if os.getuid() == 0 else ["--map-root-user"]
    return subprocess.Popen(
        ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, str(image), *command],
        env={"PATH": f"/usr/bin:/usr/sbin:/sbin:/bin:{os.environ['PATH']}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def said(process: "subprocess.Popen[bytes]") -> str:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output.decode()
    return output.decode()


def test_it_is_built_by_what_is_tried_here() -> None:
    server = ROCK["parts"]["server"]
    assert 'packing/assemble_image.py "$CRAFT_PART_INSTALL"' in server["override-build"]
    assert ROCK["base"] == "bare" and ROCK["run-user"] == "_daemon_"
    staged = ROCK["parts"]["system"]["stage-packages"]
    assert any(name.startswith("python3") for name in staged) and "ca-certificates_data" in staged
    assert ROCK["services"]["kratos"]["command"] == " ".join(contract.serve_command(program="/usr/bin/kratos"))


def test_its_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert ROCK["version"] == project["version"]


def test_the_lock_of_the_image_is_up_to_date() -> None:
    found = (ROOT / "requirements-image.lock").read_text(encoding="utf-8")
    assert found == image_lock.image_lock(), "run python packing/image_lock.py > requirements-image.lock"


def test_nothing_of_the_charm_and_no_shell_is_in_it(image: Path) -> None:
    packages = {path.name for path in (image / assemble_image.PACKAGES).iterdir()}
    assert "identity_server" in packages
    assert not packages & {"identity_charm", "ops", "lightkube", "pip", "pytest"}
    assert sorted(path.name for path in (image / "usr/bin").iterdir() if not path.name.startswith("python3")) == [
        "kratos"
    ]
    assert not (image / "bin").exists()


def test_the_server_says_its_version(image: Path) -> None:
    assert said(inside(image, "/usr/bin/kratos", "version")).startswith(f"Version: v{ROCK['version']}")


@contextmanager
def under_pebble(image: Path, public: int, admin: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Pebble in the image, with the charm's own layer and configuration, on ports that are free here."""
    context = testing.Context(KratosCharm, app_name="kratos")
    out = context.run(context.on.config_changed(), create_state())
    container = out.get_container("kratos")
    rendered = container.get_filesystem(context) / contract.CONFIG_FILE.lstrip("/")
    shutil.copy(rendered, image / contract.CONFIG_FILE.lstrip("/"))
    layer = container.plan.to_dict()
    ports = {"SERVE_PUBLIC_PORT": str(public), "SERVE_ADMIN_PORT": str(admin)}
    hosts = {"SERVE_PUBLIC_HOST": "127.0.0.1", "SERVE_ADMIN_HOST": "127.0.0.1"}
    for service in layer["services"].values():
        service["environment"] = {**service["environment"], **ports, **hosts}
    text = yaml.safe_dump(layer).replace(f":{contract.ADMIN_PORT}", f":{admin}")
    layers = image / "pebble/layers"
    layers.mkdir(parents=True, exist_ok=True)
    (layers / "001-kratos.yaml").write_text(text, encoding="utf-8")
    process = inside(image, "/pebble/pebble", "run", PEBBLE="/pebble", PATH="/usr/bin:/usr/sbin:/sbin:/bin")
    try:
        wait_for(f"http://127.0.0.1:{admin}{contract.READY_PATH}", process)
        yield process
    finally:
        # `unshare` itself heeds no signal; its child is Pebble.
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGTERM)
        process.communicate(timeout=30)


def test_the_charms_layer_runs_in_it(image: Path) -> None:
    try:
        (image / "pebble").mkdir(exist_ok=True)
        shutil.copy(ensure_tools(print).pebble, image / "pebble/pebble")
    except SandboxError as missing:
        pytest.skip(str(missing))
    public, admin = free_port(), free_port()
    with under_pebble(image, public, admin):
        body: dict[str, Any] = {"schema_id": "admin_v0", "traits": {"username": "ann", "email": "ann@shop.test"}}
        headers = {"Authorization": f"Bearer {json.loads(KEYS['admin'])}"}
        url = f"http://127.0.0.1:{admin}/admin/identities"
        made = requests.post(url, json=body, headers=headers, timeout=10)
        assert made.status_code == 201, made.text
        assert requests.get(f"http://127.0.0.1:{public}/schemas/admin_v0", timeout=10).status_code == 200
    assert (image / contract.SQLITE_FILE.lstrip("/")).stat().st_size
