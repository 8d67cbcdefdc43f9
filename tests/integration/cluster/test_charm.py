"""The charm in a real model: on its embedded database, on PostgreSQL, and through the commands of the guide."""

from pathlib import Path

import jubilant
import pytest

pytestmark = pytest.mark.cluster

APP = "kratos"
EMAIL = "ann@example.com"


def identity_of(juju: jubilant.Juju) -> str:
    return str(juju.run(f"{APP}/0", "get-identity", {"email": EMAIL}).results["id"])


def test_one_unit_needs_nothing_else(juju: jubilant.Juju, charm: Path, image: str) -> None:
    juju.deploy(charm, APP, resources={"oci-image": image}, trust=True)
    juju.wait(jubilant.all_active)


def test_an_administrator_is_made_as_the_guide_writes_it(juju: jubilant.Juju) -> None:
    account = {"email": EMAIL, "password": "a-long-password", "username": "ann"}
    task = juju.run(f"{APP}/0", "create-admin-account", account)
    assert task.results["identity-id"] == identity_of(juju)


def test_a_password_is_set_from_a_secret(juju: jubilant.Juju) -> None:
    secret = juju.add_secret("new-password", {"password": "another-long-password"})
    juju.grant_secret("new-password", APP)
    params = {"email": EMAIL, "password-secret-id": str(secret)}
    assert juju.run(f"{APP}/0", "reset-password", params).results["id"] == identity_of(juju)


@pytest.mark.parametrize("kind", ["totp", "lookup_secret"])
def test_a_second_factor_is_reset(juju: jubilant.Juju, kind: str) -> None:
    juju.run(f"{APP}/0", "reset-identity-mfa", {"email": EMAIL, "mfa-type": kind})


def test_sessions_are_invalidated(juju: jubilant.Juju) -> None:
    juju.run(f"{APP}/0", "invalidate-identity-sessions", {"identity-id": identity_of(juju)})


def test_a_bad_option_blocks_and_a_good_one_mends(juju: jubilant.Juju) -> None:
    juju.config(APP, {"identity_schemas": "{"})
    juju.wait(lambda status: jubilant.all_blocked(status, APP))
    juju.config(APP, reset="identity_schemas")
    juju.wait(jubilant.all_active)


def test_an_account_is_deleted(juju: jubilant.Juju) -> None:
    juju.run(f"{APP}/0", "delete-identity", {"email": EMAIL})
    with pytest.raises(jubilant.TaskError):
        identity_of(juju)


def test_a_second_unit_needs_postgresql(juju: jubilant.Juju) -> None:
    juju.add_unit(APP)
    juju.wait(lambda status: status.apps[APP].units[f"{APP}/1"].workload_status.current == "blocked")


def test_postgresql_carries_both(juju: jubilant.Juju) -> None:
    juju.deploy("postgresql-k8s", channel="14/stable", trust=True)
    juju.integrate(f"{APP}:pg-database", "postgresql-k8s")
    juju.wait(jubilant.all_active)


def test_a_refresh_migrates_by_itself(juju: jubilant.Juju, charm: Path, image: str) -> None:
    juju.refresh(APP, path=charm, resources={"oci-image": image})
    juju.wait(jubilant.all_active)


def test_a_database_that_goes_is_missed_and_one_that_comes_is_used(juju: jubilant.Juju) -> None:
    juju.remove_relation(f"{APP}:pg-database", "postgresql-k8s")
    juju.wait(lambda status: jubilant.all_blocked(status, APP))
    juju.integrate(f"{APP}:pg-database", "postgresql-k8s")
    juju.wait(jubilant.all_active)


def test_down_to_nothing_and_back(juju: jubilant.Juju) -> None:
    juju.remove_unit(APP, num_units=2)
    juju.wait(lambda status: not status.apps[APP].units)
    juju.add_unit(APP)
    juju.wait(jubilant.all_active)
