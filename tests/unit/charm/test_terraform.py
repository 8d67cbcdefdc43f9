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
#: A folder with the Juju provider, as ``terraform providers mirror`` makes it.
MIRROR = os.environ.get("TERRAFORM_MIRROR")
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
    assert f'default     = "{build["base"]}"' in text("variables.tf")


@pytest.mark.skipif(not TERRAFORM, reason="Terraform is not installed")
def test_its_form() -> None:
    subprocess.run([str(TERRAFORM), "fmt", "-recursive", "-check", "-diff"], cwd=MODULE, check=True)


@pytest.mark.skipif(not TERRAFORM or not MIRROR, reason="TERRAFORM_MIRROR names no folder with the Juju provider")
@pytest.mark.parametrize("folder", [".", "examples/sqlite", "examples/postgresql"])
def test_terraform_accepts_it(folder: str, tmp_path: Path) -> None:
    shutil.copytree(MODULE, tmp_path / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    mirror = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n'
    (tmp_path / "rc").write_text(mirror)
    for command in (["init", "-backend=false", "-input=false"], ["validate"]):
        subprocess.run(
            [str(TERRAFORM), *command],
            cwd=tmp_path / "terraform" / folder,
            env={**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "rc")},
            check=True,
        )
