"""No neighbour keeps a unit that starts anew from starting: what it spoilt is left out, and the status says so."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import ops
import pytest
from click.testing import CliRunner
from ops import pebble, testing

from identity_charm.workload import CommandFailed, Workload
from identity_server.cli.config_check import check
from unit.charm.states import (
    KEYS,
    configuration,
    container,
    create_state,
    everybodys_secrets,
    everything,
    login_ui,
    provider,
    route,
    webhook,
)

GOOGLE = {"provider": "google", "client_id": "c", "client_secret": "s", "id": "google-1"}


def written(endpoint: str, **bag: str) -> testing.Relation:
    return testing.Relation(endpoint, remote_app_data=bag)


def providers(*given: dict[str, Any]) -> testing.Relation:
    return written("kratos-external-idp", providers=json.dumps(list(given)))


NONSENSE = [
    testing.Relation("logging", remote_units_data={0: {"endpoint": '{"url": "loki"}'}}),
    written("tracing", receivers="[1]"),
    written("charm-tracing", receivers="{"),
    written("openfga", http_api_url="openfga", grpc_api_url="x", store_id="s"),
    written("smtp", host="mail", port="many"),
    written("hydra-endpoint-info", admin_endpoint="hydra:4445"),
    written("ingress", ingress='{"url": "shop"}'),
    written("public-route", external_host="a b"),
    written("internal-route", external_host="a b"),
    written("receive-ca-cert", certificates='["no certificate"]'),
    written("ui-endpoint-info", login_url="javascript:alert(1)"),
    providers({"provider": "google"}),
]


def fresh_pod(context: testing.Context[Any], *relations: testing.RelationBase, **changes: Any) -> testing.State:
    """The container starts anew, without a file of the one before."""
    new = container()
    secrets = [*everybodys_secrets(), *changes.pop("secrets", [])]
    state = create_state(containers=[new], relations=relations, secrets=secrets, **changes)
    return context.run(context.on.pebble_ready(new), state)


def serves(state: testing.State) -> bool:
    return state.get_container("kratos").service_statuses.get("kratos") is pebble.ServiceStatus.ACTIVE


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda one: one.endpoint)
def test_a_pod_that_starts_anew_serves_beside_nonsense(
    context: testing.Context[Any], nonsense: testing.Relation
) -> None:
    others = [one for one in everything() if one.endpoint != nonsense.endpoint]
    good = configuration(context, fresh_pod(context, *others))
    out = fresh_pod(context, nonsense, *others)
    assert serves(out)
    assert configuration(context, out) == good, "the server goes on as if nobody had said anything"
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert out.unit_status.message.startswith(f"{nonsense.endpoint}: ")


def test_nonsense_of_all_of_them_at_once(context: testing.Context[Any]) -> None:
    out = fresh_pod(context, *NONSENSE)
    assert serves(out)
    assert configuration(context, out) == configuration(context, fresh_pod(context))


@pytest.mark.parametrize("flow", ["login", "registration"])
@pytest.mark.parametrize(
    "changes", [{"url": "nowhere"}, {"auth_config_value_secret": "secret:notgranted"}], ids=["url", "key"]
)
def test_without_a_web_hook_that_may_refuse_people_nobody_gets_in(
    context: testing.Context[Any], flow: str, changes: dict[str, str]
) -> None:
    out = fresh_pod(context, webhook(flow, **changes))
    assert not serves(out) and configuration(context, out) == {}
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert out.unit_status.message.startswith(f"kratos-{flow}-webhook: ")


def found(config: dict[str, Any]) -> list[str]:
    return [one["id"] for one in config["selfservice"]["methods"]["oidc"]["config"]["providers"]]


def test_one_bad_provider_takes_no_other_along(context: testing.Context[Any]) -> None:
    bad = {"provider": "google", "client_id": "c", "id": "bad"}
    out = fresh_pod(context, providers(bad, GOOGLE), provider(), route("public-route"))
    assert sorted(found(configuration(context, out))) == ["google-1", "idp"]
    assert out.unit_status == ops.BlockedStatus(
        "kratos-external-idp: a provider of the kind google lacks client_secret"
    )


def test_a_newcomer_does_not_take_over_the_id_that_accounts_are_linked_to(context: testing.Context[Any]) -> None:
    first = dataclasses.replace(provider(), id=50)
    second = dataclasses.replace(provider(issuer_url="https://evil.test"), id=60)
    for relations in ((first, second), (second, first)):
        out = fresh_pod(context, *relations, route("public-route"))
        (one,) = configuration(context, out)["selfservice"]["methods"]["oidc"]["config"]["providers"]
        assert one["issuer_url"] == "https://idp.test"
        assert out.unit_status == ops.BlockedStatus("kratos-external-idp: two providers have the id idp")
        assert "idp" not in out.get_relation(60).local_app_data.get("providers", ""), "it has no callback here"


def test_a_newcomer_does_not_take_over_a_page(context: testing.Context[Any]) -> None:
    first = dataclasses.replace(login_ui("https://a.test"), id=50)
    second = dataclasses.replace(login_ui("https://b.test"), id=60)
    out = fresh_pod(context, second, first)
    assert configuration(context, out)["selfservice"]["flows"]["login"]["ui_url"] == "https://a.test/ui/login"
    assert configuration(context, out)["serve"]["public"]["cors"]["allowed_origins"] == ["https://a.test"]
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert "two applications offer error_url; remove one" in out.unit_status.message


def test_one_loki_without_an_address_hides_no_other(context: testing.Context[Any]) -> None:
    relation = testing.Relation(
        "logging",
        remote_app_name="loki",
        remote_units_data={0: {"endpoint": '{"url": "loki"}'}, 1: {"endpoint": '{"url": "http://loki:3100"}'}},
    )
    assert set(fresh_pod(context, relation).get_container("kratos").plan.log_targets) == {"loki/1"}


class TestTheServerRefuses:
    """What looks right to the charm, and not to the server."""

    @pytest.fixture(autouse=True)
    def real_check(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The server itself is asked."""

        def refuses(_: Workload, text: str) -> str:
            file = tmp_path / "candidate.yaml"
            file.write_text(text)
            ran = CliRunner().invoke(check, ["--config", str(file), "--quiet"])
            return CommandFailed(ran.exit_code, ran.stderr).first_reason if ran.exit_code else ""

        monkeypatch.setattr(Workload, "refuses", refuses)

    def test_only_what_it_refuses_is_left_out(self, context: testing.Context[Any]) -> None:
        bad = [{**GOOGLE, "id": "one", "pkce": "perhaps"}, {**GOOGLE, "id": "two", "claims_source": "nowhere"}]
        out = fresh_pod(context, providers(*bad, GOOGLE), login_ui(), route("public-route"))
        config = configuration(context, out)
        assert serves(out) and found(config) == ["google-1"]
        assert config["selfservice"]["flows"]["login"]["ui_url"] == "https://shop.test/ui/login"
        assert isinstance(out.unit_status, ops.BlockedStatus)
        assert out.unit_status.message.startswith(
            "The provider one is left out, the server would not start with it: selfservice.methods.oidc.config"
        )

    def test_with_options_that_it_refuses_it_starts_with_those_it_took(self, context: testing.Context[Any]) -> None:
        good = fresh_pod(context, config={"sender_name": "Ann"})
        config = {"session_lifespan": "99999999999999h", "sender_name": "Bob"}
        new = container()
        bad = dataclasses.replace(good, config=config, containers=[new])
        out = context.run(context.on.pebble_ready(new), bad)
        assert serves(out)
        assert configuration(context, out)["courier"]["smtp"]["from_name"] == "Ann"
        assert isinstance(out.unit_status, ops.BlockedStatus)
        assert out.unit_status.message.startswith("The server would not start with the new configuration: ")

    def test_with_options_that_it_never_took_it_does_not_start(self, context: testing.Context[Any]) -> None:
        out = fresh_pod(context, config={"session_lifespan": "99999999999999h"})
        assert not serves(out) and configuration(context, out) == {}


def test_the_keys_are_not_among_what_is_told(context: testing.Context[Any]) -> None:
    out = fresh_pod(context, *NONSENSE)
    assert not [key for key in KEYS.values() if key in out.unit_status.message]
