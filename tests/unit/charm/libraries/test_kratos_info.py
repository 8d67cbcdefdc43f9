"""``charms.kratos.v0.kratos_info``, against what the charm really writes."""

from typing import Any

import ops
import pytest
from charms.kratos.v0.kratos_info import KratosInfo, KratosInfoRequirer
from ops import testing

from unit.charm.states import create_state, route

META = {"name": "neighbour", "requires": {"kratos-info": {"interface": "kratos_info"}}}


class Neighbour(ops.CharmBase):
    """A charm that wants to know."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.kratos = KratosInfoRequirer(self)


def read(*bags: dict[str, str]) -> KratosInfo | None:
    context = testing.Context(Neighbour, meta=META)
    relations = [testing.Relation("kratos-info", remote_app_data=bag) for bag in bags]
    with context(context.on.update_status(), testing.State(relations=relations)) as manager:
        return manager.charm.kratos.get()


@pytest.fixture
def written(context: testing.Context[Any]) -> dict[str, str]:
    relations = [testing.Relation("kratos-info"), route("public-route")]
    out = context.run(context.on.config_changed(), create_state(relations=relations))
    (relation,) = out.get_relations("kratos-info")
    return dict(relation.local_app_data)


def test_what_the_charm_writes_is_read(written: dict[str, str]) -> None:
    assert read(written) == KratosInfo(
        admin_endpoint="http://kratos.shop.svc.cluster.local:4434",
        public_endpoint="http://kratos.shop.svc.cluster.local:4433",
        login_browser_endpoint="https://shop.test/self-service/login/browser",
        sessions_endpoint="http://kratos.shop.svc.cluster.local:4433/sessions/whoami",
        providers_configmap_name="kratos-oidc-providers",
        schemas_configmap_name="kratos-identity-schemas",
        configmaps_namespace="shop",
        mfa_enabled=True,
        oidc_webauthn_sequencing_enabled=False,
        verification_enabled=False,
        feature_flags=("password", "totp", "backup_codes"),
    )


def test_unrelated() -> None:
    assert read() is None


def test_nothing_written_yet() -> None:
    assert read({}) is None


@pytest.mark.parametrize(
    "missing", ["admin_endpoint", "public_endpoint", "login_browser_endpoint", "sessions_endpoint"]
)
def test_half_an_answer_is_none(written: dict[str, str], missing: str) -> None:
    del written[missing]
    assert read(written) is None


def test_a_server_without_flags_has_none_on(written: dict[str, str]) -> None:
    for key in [key for key in written if key.endswith("_enabled") or key == "feature_flags"]:
        del written[key]
    found = read(written)
    assert found and (found.mfa_enabled, found.feature_flags) == (False, ())


def test_unknown_keys_do_no_harm(written: dict[str, str]) -> None:
    assert read({**written, "new": "key"}) == read(written)
