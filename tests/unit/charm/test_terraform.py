"""The Terraform module fits the charm, and Terraform accepts it where it can be asked."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "terraform"
TERRAFORM = shutil.which("terraform") or shutil.which("tofu")
#: The oldest release of the Juju provider that the module takes.
VERSION = "1.0.0"
METADATA = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (MODULE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("role", ["requires", "provides"])
def test_each_endpoint_is_an_output(role: str) -> None:
    (block,) = re.findall(rf'output "{role}" {{.*?value = {{(.*?)}}', text("outputs.tf"), re.DOTALL)
    found = dict(re.findall(r'^\s*([a-z-]+)\s*= "([a-z-]+)"$', block, re.MULTILINE))
    assert found == {name: name for name in METADATA[role]}


def test_each_variable_is_described_typed_and_used() -> None:
    variables = re.findall(r'^variable "(\w+)" {(.*?)^}', text("variables.tf"), re.MULTILINE | re.DOTALL)
    assert variables
    for name, block in variables:
        assert "description" in block and "type" in block
        assert f"var.{name}" in text("main.tf"), name


def test_the_defaults_are_the_charms() -> None:
    assert f'default     = "{METADATA["name"]}"' in text("variables.tf")
    build = yaml.safe_load((ROOT / "charmcraft.yaml").read_text(encoding="utf-8"))
    (base,) = re.findall(r'variable "base" {.*?default     = "(.*?)"', text("variables.tf"), re.DOTALL)
    assert base in {platform.rpartition(":")[0] for platform in build["platforms"]}


@pytest.mark.skipif(not TERRAFORM, reason="Terraform is not installed")
def test_its_form() -> None:
    subprocess.run([str(TERRAFORM), "fmt", "-recursive", "-check", "-diff"], cwd=MODULE, check=True)


@pytest.fixture(scope="module")
def mirror() -> Path:
    """A folder that Terraform takes providers from, with one that has the Juju provider's schema.

    It is built once, from the Go module proxy; the provider itself is not to be had there.
    """
    if not TERRAFORM:
        pytest.skip("Terraform is not installed")
    if not shutil.which("go"):
        pytest.skip("Go is not installed; Debian and Ubuntu: apt-get install golang-go")
    folder = ROOT / ".cache" / "terraform"
    program = (
        folder
        / "registry.terraform.io"
        / "juju"
        / "juju"
        / VERSION
        / _platform()
        / f"terraform-provider-juju_v{VERSION}"
    )
    if not program.exists():
        command = ["go", "build", "-trimpath", "-o", str(program), "."]
        built = subprocess.run(command, cwd=ROOT / "tests" / "terraform_provider", capture_output=True, text=True)
        if built.returncode:
            pytest.skip(f"the provider cannot be built: {built.stderr[-300:]}")
    return folder


def _platform() -> str:
    named = subprocess.run(["go", "env", "GOOS", "GOARCH"], capture_output=True, text=True, check=True)
    return "_".join(named.stdout.split())


def validated(folder: Path, mirror: Path) -> subprocess.CompletedProcess[str]:
    """What Terraform says of a module."""
    rc = folder / "terraform.rc"
    rc.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    done = subprocess.CompletedProcess[str]([], 0)
    for command in (["init", "-backend=false", "-input=false", "-no-color"], ["validate", "-no-color"]):
        done = subprocess.run(
            [str(TERRAFORM), *command],
            cwd=folder,
            env={**os.environ, "TF_CLI_CONFIG_FILE": str(rc)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            break
    return done


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the module."""
    return Path(shutil.copytree(MODULE, tmp_path / "terraform", ignore=shutil.ignore_patterns(".terraform*")))


@pytest.mark.parametrize("folder", [".", "examples/sqlite", "examples/postgresql"])
def test_terraform_accepts_it(copied: Path, mirror: Path, folder: str) -> None:
    done = validated(copied / folder, mirror)
    assert done.returncode == 0, done.stdout + done.stderr


def test_terraform_would_not_accept_an_attribute_that_is_not_there(copied: Path, mirror: Path) -> None:
    main = copied / "main.tf"
    main.write_text(main.read_text(encoding="utf-8").replace("model_uuid  =", "model =", 1), encoding="utf-8")
    done = validated(copied, mirror)
    assert done.returncode != 0 and "model" in done.stdout + done.stderr
