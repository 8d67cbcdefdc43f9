"""A unit that starts anew works with what was usable last, where what is said now cannot be used."""

import dataclasses
import json
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.cluster_stub import ClusterStub
from unit.charm.states import configuration, container, create_state, peers

Context = testing.Context[Any]
SCHEMA = json.dumps({"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}})
PROVIDER = {"id": "google-1", "provider": "google", "client_id": "client", "client_secret": "topsecret"}
SECRET_ID = "secret:9m4e2mr0ui3e8a215n4g"


def anew(context: Context, before: testing.State, **changes: Any) -> testing.State:
    """The unit's pod is another one: nothing lies in its container, and the charm remembers nothing by itself."""
    new = container()
    state = dataclasses.replace(before, containers=[new], stored_states=[], **changes)
    return context.run(context.on.pebble_ready(new), state)


@pytest.fixture
def good(context: Context) -> testing.State:
    """A leader that runs with an option of its own."""
    return context.run(context.on.config_changed(), create_state(config={"sender_name": "Ann"}))


@pytest.mark.parametrize("leader", [True, False])
@pytest.mark.parametrize(
    "bad",
    [
        {"log_level": "loud"},
        {"identity_schemas": "{"},
        {"default_identity_schema_id": "none"},
        {"admin_api_keys": SECRET_ID},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_a_wrong_option_stops_no_pod_that_starts_anew(
    context: Context, good: testing.State, bad: dict[str, str], leader: bool
) -> None:
    out = anew(context, good, config={**bad, "sender_name": "Bob"}, leader=leader)
    assert configuration(context, out)["courier"]["smtp"]["from_name"] == "Ann"
    assert isinstance(out.unit_status, ops.BlockedStatus) and out.unit_status.message.startswith("Bad ")


def test_what_is_wrong_is_never_kept(context: Context, good: testing.State) -> None:
    bad = anew(context, good, config={"log_level": "loud"})
    again = anew(context, bad, config={"log_level": "loud"})
    assert configuration(context, again) == configuration(context, bad)
    mended = anew(context, again, config={"log_level": "debug"})
    assert mended.unit_status == ops.ActiveStatus()
    assert configuration(context, mended)["courier"]["smtp"]["from_name"] == "Identity server"


def test_a_wrong_option_holds_up_nothing_else(context: Context, good: testing.State) -> None:
    """A server that runs gets new keys and what neighbours say, while the operator looks for the typing error."""
    from unit.charm.states import smtp

    relations = [*good.relations, smtp()]
    state = dataclasses.replace(good, relations=relations, config={"log_level": "loud"})
    out = context.run(context.on.config_changed(), state)
    config = configuration(context, out)["courier"]["smtp"]
    assert (config["from_name"], "connection_uri" in config) == ("Ann", True)


def test_an_application_that_was_never_well_does_not_start_with_other_options(context: Context) -> None:
    out = anew(context, create_state(config={"log_level": "loud"}))
    assert configuration(context, out) == {}
    assert isinstance(out.unit_status, ops.BlockedStatus)


def test_the_former_keys_of_the_admin_api_go_with_the_former_options(context: Context) -> None:
    keys = testing.Secret({"one": "k" * 32}, id=SECRET_ID, owner=None)
    good = context.run(context.on.config_changed(), create_state(config={"admin_api_keys": SECRET_ID}, secrets=[keys]))
    bad = {"admin_api_keys": SECRET_ID, "log_level": "loud"}
    auth = configuration(context, anew(context, good, config=bad))["serve"]["admin"]["auth"]
    assert [key["name"] for key in auth["keys"]] == ["charm", "one"]

    # Without the secret nobody knows which keys to accept: the admin API must not open.
    withdrawn = [one for one in good.secrets if one.id != SECRET_ID]
    assert configuration(context, anew(context, good, config=bad, secrets=withdrawn)) == {}


def test_an_option_that_a_newer_charm_dropped_is_dropped(context: Context) -> None:
    kept = peers()
    kept.local_app_data["last_good_options"] = json.dumps({"sender_name": "Ann", "of_old": True})
    out = anew(context, create_state(relations=[kept], config={"log_level": "loud"}))
    assert configuration(context, out)["courier"]["smtp"]["from_name"] == "Ann"


def test_it_is_written_once(context: Context, good: testing.State, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[Any] = []
    update = ops.RelationDataContent.update
    monkeypatch.setattr(ops.RelationDataContent, "update", lambda self, one: (writes.append(one), update(self, one)))
    context.run(context.on.update_status(), good)
    assert not [one for one in writes if any(key.startswith("last_good") for key in one)]


class TestMaps:
    @pytest.fixture
    def served(self, context: Context, kubernetes: ClusterStub) -> testing.State:
        """A leader that runs with what the Admin UI wrote."""
        kubernetes.put("kratos-identity-schemas", {"ui": SCHEMA, "default.schema": "ui"})
        kubernetes.put("kratos-oidc-providers", {"idps.json": json.dumps([PROVIDER])})
        return context.run(context.on.config_changed(), create_state())

    @pytest.mark.parametrize("leader", [True, False])
    @pytest.mark.parametrize(
        ("code", "kind", "said"),
        [
            (500, ops.WaitingStatus, "The ConfigMaps cannot be read: the cluster says no; they are read again"),
            (429, ops.WaitingStatus, "The ConfigMaps cannot be read: the cluster says no; they are read again"),
            (403, ops.BlockedStatus, "juju trust kratos --scope=cluster"),
        ],
    )
    def test_a_cluster_in_trouble_stops_no_pod_that_starts_anew(
        self,
        context: Context,
        kubernetes: ClusterStub,
        served: testing.State,
        leader: bool,
        code: int,
        kind: type[ops.StatusBase],
        said: str,
    ) -> None:
        expected = configuration(context, served)
        kubernetes.refusal = code
        out = anew(context, served, leader=leader)
        assert configuration(context, out) == expected, "schemas and providers are those the others have"
        assert isinstance(out.unit_status, kind) and said in out.unit_status.message
        kubernetes.refusal = 0
        assert context.run(context.on.update_status(), out).unit_status == ops.ActiveStatus()

    def test_a_cluster_that_does_not_answer(
        self, context: Context, kubernetes: ClusterStub, served: testing.State, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from identity_charm import cluster
        from unit.charm.cluster_stub import client_for

        client = client_for("http://127.0.0.1:1")
        monkeypatch.setattr(cluster, "connect", lambda: client)
        out = anew(context, served)
        assert configuration(context, out) == configuration(context, served)
        assert isinstance(out.unit_status, ops.WaitingStatus) and "does not answer" in out.unit_status.message

    def test_before_the_maps_were_ever_read_nobody_signs_up_with_another_schema(
        self, context: Context, kubernetes: ClusterStub
    ) -> None:
        kubernetes.refusal = 500
        out = anew(context, create_state())
        assert configuration(context, out) == {}
        assert isinstance(out.unit_status, ops.WaitingStatus)
        kubernetes.refusal = 0
        assert context.run(context.on.update_status(), out).unit_status == ops.ActiveStatus()

    @pytest.mark.parametrize("text", ["{", "{}"])
    def test_a_schema_that_the_admin_ui_spoilt(
        self, context: Context, kubernetes: ClusterStub, served: testing.State, text: str
    ) -> None:
        kubernetes.put("kratos-identity-schemas", {"ui": text, "default.schema": "ui"})
        out = anew(context, served)
        assert configuration(context, out)["identity"] == configuration(context, served)["identity"]
        assert isinstance(out.unit_status, ops.BlockedStatus)
        assert out.unit_status.message.startswith('Bad identity schemas: identity schema "ui"')

    def test_providers_that_the_admin_ui_spoilt(
        self, context: Context, kubernetes: ClusterStub, served: testing.State
    ) -> None:
        kubernetes.put("kratos-oidc-providers", {"idps.json": "["})
        out = anew(context, served)
        methods = configuration(context, out)["selfservice"]["methods"]
        assert [one["id"] for one in methods["oidc"]["config"]["providers"]] == ["google-1"]
        assert isinstance(out.unit_status, ops.BlockedStatus)
        assert out.unit_status.message.startswith("Bad providers of the Admin UI: ")

    def test_one_provider_that_the_admin_ui_left_unfinished(
        self, context: Context, kubernetes: ClusterStub, served: testing.State
    ) -> None:
        unfinished = {"id": "mine", "provider": "generic", "client_id": "c", "client_secret": "s"}
        kubernetes.put("kratos-oidc-providers", {"idps.json": json.dumps([unfinished, PROVIDER])})
        out = anew(context, served)
        methods = configuration(context, out)["selfservice"]["methods"]
        assert [one["id"] for one in methods["oidc"]["config"]["providers"]] == ["google-1"]
        assert out.unit_status == ops.BlockedStatus(
            "Bad providers of the Admin UI: a provider of the kind generic lacks issuer_url"
        )

    def test_their_secrets_are_no_peer_data(self, served: testing.State) -> None:
        (relation,) = served.get_relations("kratos-peers")
        assert "topsecret" not in str(relation.local_app_data)
        (kept,) = [one for one in served.secrets if one.label == "last-good-providers"]
        assert kept.owner == "app" and "topsecret" in (kept.tracked_content or {})["providers"]

    def test_providers_that_are_gone_do_not_come_back(
        self, context: Context, kubernetes: ClusterStub, served: testing.State
    ) -> None:
        kubernetes.put("kratos-oidc-providers", {"idps.json": "[]"})
        emptied = context.run(context.on.update_status(), served)
        kubernetes.refusal = 500
        assert "oidc" not in configuration(context, anew(context, emptied))["selfservice"]["methods"]
