"""What the charm does in Kubernetes, and that it does without."""

import base64
import dataclasses
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ops
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from ops import testing

from identity_charm import cluster, map_watch
from identity_charm.cluster import Cluster, ClusterError
from unit.charm.cluster_stub import ClusterStub, client_for
from unit.charm.states import configuration, create_state, route

SCHEMA = json.dumps({"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}})
#: As the Admin UI writes a provider: scope as a list, empty texts, nulls.
PROVIDER = {
    "id": "google-1",
    "provider": "google",
    "client_id": "client",
    "client_secret": "s",
    "scope": ["email", "profile"],
    "label": "",
    "issuer_url": "",
    "auth_url": "",
    "token_url": "",
    "microsoft_tenant": "",
    "mapper_url": "",
    "requested_claims": None,
}


def run(context: testing.Context[Any], **changes: Any) -> testing.State:
    return context.run(context.on.config_changed(), create_state(**changes))


def schemas(config: dict[str, Any]) -> set[str]:
    return {one["id"] for one in config["identity"]["schemas"]}


def test_without_a_cluster_nothing_is_imported() -> None:
    script = (
        "import sys; from identity_charm.cluster import Cluster; c = Cluster('m', 'a'); "
        "assert not c.present; c.read(); c.limit('1', '1Gi'); assert not c.create_maps({}); "
        "assert not [name for name in sys.modules if name.startswith('lightkube')]"
    )
    src = Path(cluster.__file__).parents[1]
    subprocess.run([sys.executable, "-c", script], check=True, cwd=src, env={"PYTHONPATH": str(src)})


class TestMaps:
    def test_the_leader_makes_them_with_what_is_in_effect(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        assert run(context).unit_status == ops.ActiveStatus()
        written = kubernetes.data("kratos-identity-schemas")
        assert set(written) == {"admin_v0", "social_user_v0", "default.schema"}
        assert written["default.schema"] == "social_user_v0"
        assert json.loads(written["admin_v0"])["title"] == "Administrator"
        assert kubernetes.data("kratos-oidc-providers") == {"idps.json": "[]"}

    def test_they_die_with_the_application_and_not_before(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        run(context)
        metadata = kubernetes.maps["kratos-identity-schemas"]["metadata"]
        assert metadata["labels"] == {"juju-app-name": "kratos", "app.kubernetes.io/managed-by": "juju"}
        (owner,) = metadata["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["uid"]) == ("StatefulSet", "kratos", "uid-1")

    def test_a_follower_makes_none(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        run(context, leader=False)
        assert kubernetes.maps == {}

    def test_they_are_made_once(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        run(context)
        run(context)
        assert len([call for call in kubernetes.calls if call.startswith("POST")]) == 2

    def test_those_of_the_former_charm_are_taken_over(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        kubernetes.put("identity-schemas", {"mine": SCHEMA, "default.schema": "mine"})
        kubernetes.put("oidc-providers", {"idps.json": json.dumps([PROVIDER])})
        config = configuration(context, run(context))
        found = kubernetes.data("kratos-identity-schemas")
        assert (found["mine"], found["default.schema"]) == (SCHEMA, "mine")
        assert set(found) == {"admin_v0", "default.schema", "mine", "social_user_v0"}
        assert config["identity"]["default_schema_id"] == "mine"
        assert config["selfservice"]["methods"]["oidc"]["config"]["providers"][0]["id"] == "google-1"

    def test_those_of_another_application_are_not(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        kubernetes.put("identity-schemas", {"mine": SCHEMA, "default.schema": "mine"}, application="other")
        run(context)
        assert "mine" not in kubernetes.data("kratos-identity-schemas")

    @pytest.mark.parametrize("leader", [True, False])
    def test_every_unit_heeds_the_admin_uis_schemas(
        self, context: testing.Context[Any], kubernetes: ClusterStub, leader: bool
    ) -> None:
        kubernetes.put("kratos-identity-schemas", {"ui": SCHEMA, "default.schema": "ui"})
        kubernetes.put("kratos-oidc-providers", {})
        config = configuration(context, run(context, leader=leader))
        assert schemas(config) == {"admin_v0", "social_user_v0", "ui"}
        assert config["identity"]["default_schema_id"] == "ui"

    def test_the_operators_schemas_go_over_the_admin_uis(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        kubernetes.put("kratos-identity-schemas", {"ui": SCHEMA, "default.schema": "ui"})
        own = {"identity_schemas": f'{{"own": {SCHEMA}}}', "default_identity_schema_id": "own"}
        config = configuration(context, run(context, config=own))
        assert schemas(config) == {"admin_v0", "own", "social_user_v0", "ui"}
        assert config["identity"]["default_schema_id"] == "own"

    def test_without_a_default_the_map_does_not_count(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        kubernetes.put("kratos-identity-schemas", {"ui": SCHEMA})
        kubernetes.put("kratos-oidc-providers", {})
        assert "ui" not in schemas(configuration(context, run(context)))
        assert kubernetes.data("kratos-identity-schemas") == {"ui": SCHEMA}, "who writes it is not done"

    def test_the_admin_uis_providers_as_it_writes_them(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        kubernetes.put("kratos-oidc-providers", {"idps.json": json.dumps([PROVIDER])})
        config = configuration(context, run(context, relations=[route("public-route")]))
        (found,) = config["selfservice"]["methods"]["oidc"]["config"]["providers"]
        mapper = base64.b64decode(found.pop("mapper_url").removeprefix("base64://"))
        assert b"std.extVar('claims')" in mapper
        assert found == {
            "id": "google-1",
            "provider": "google",
            "label": "google",
            "client_id": "client",
            "client_secret": "s",
            "scope": ["email", "profile"],
        }

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            (
                "identity-schemas",
                {"ui": "{", "default.schema": "ui"},
                'identity schema "ui" of the Admin UI is not JSON',
            ),
            ("identity-schemas", {"ui": "{}", "default.schema": "ui"}, 'identity schema "ui" needs properties.traits'),
            ("identity-schemas", {"ui": SCHEMA, "default.schema": "x"}, 'the default schema "x" is none of'),
            ("oidc-providers", {"idps.json": "["}, "Bad providers of the Admin UI: "),
            ("oidc-providers", {"idps.json": "{}"}, "Bad providers of the Admin UI: provider (none) is none of"),
            ("oidc-providers", {"idps.json": "[1]"}, "Bad providers of the Admin UI: a provider must be an object"),
        ],
    )
    def test_what_makes_no_sense_blocks(
        self, context: testing.Context[Any], kubernetes: ClusterStub, name: str, data: dict[str, str], said: str
    ) -> None:
        kubernetes.put(f"kratos-{name}", data)
        found = run(context).unit_status
        assert isinstance(found, ops.BlockedStatus) and said in found.message


class TestLimits:
    def test_they_are_set_and_never_below_what_the_server_needs(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        run(context, config={"cpu": "50m", "memory": "1Gi"})
        assert kubernetes.resources == {
            "limits": {"cpu": "100m", "memory": "1Gi"},
            "requests": {"cpu": "100m", "memory": "200Mi"},
        }

    def test_the_same_ones_are_not_set_twice(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        for _ in range(2):
            run(context, config={"cpu": "2"})
        assert len([call for call in kubernetes.calls if call.startswith("PATCH")]) == 1

    def test_what_is_no_option_any_more_is_taken_away(
        self, context: testing.Context[Any], kubernetes: ClusterStub
    ) -> None:
        before = run(context, config={"cpu": "2"})
        after = context.run(context.on.config_changed(), dataclasses.replace(before, config={}))
        assert kubernetes.resources == {"limits": {}, "requests": {}}
        kubernetes.calls.clear()
        context.run(context.on.update_status(), after)
        assert not [call for call in kubernetes.calls if "statefulsets" in call], "nothing of ours is left there"

    def test_without_options_nothing_is_touched(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        kubernetes.resources = {"limits": {"cpu": "1"}}
        run(context)
        assert kubernetes.resources == {"limits": {"cpu": "1"}}

    def test_a_follower_sets_none(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        run(context, leader=False, config={"cpu": "2"})
        assert kubernetes.resources == {}


@pytest.mark.parametrize("code", [401, 403])
def test_missing_trust_is_one_clear_sentence(context: testing.Context[Any], kubernetes: ClusterStub, code: int) -> None:
    kubernetes.refusal = code
    assert run(context, config={"cpu": "2"}).unit_status == ops.BlockedStatus(
        "The application has no rights in the cluster; grant them with: juju trust kratos --scope=cluster"
    )


def test_a_cluster_that_refuses_says_why(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    kubernetes.refusal = 422
    found = run(context).unit_status
    assert found == ops.BlockedStatus("The ConfigMaps cannot be read: the cluster says no")


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (403, ops.BlockedStatus, "juju trust"),
        (422, ops.BlockedStatus, "The cluster refuses: the cluster says no"),
        (429, ops.WaitingStatus, "The cluster is asked again at the next event: the cluster says no"),
        (500, ops.WaitingStatus, "The cluster is asked again at the next event: the cluster says no"),
    ],
)
def test_a_cluster_that_only_lets_read(
    context: testing.Context[Any],
    kubernetes: ClusterStub,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    kind: type[ops.StatusBase],
    said: str,
) -> None:
    kubernetes.put("kratos-identity-schemas", {})
    kubernetes.put("kratos-oidc-providers", {})
    answer = kubernetes.answer

    def refuse(method: str, path: str, body: Any) -> tuple[int, Any]:
        if "statefulsets" in path:
            return code, {"kind": "Status", "apiVersion": "v1", "code": code, "message": "the cluster says no"}
        return answer(method, path, body)

    monkeypatch.setattr(kubernetes, "answer", refuse)
    out = run(context, config={"cpu": "2"})
    assert isinstance(out.unit_status, kind) and said in out.unit_status.message
    assert configuration(context, out), "the server needs no limits to run"


def test_a_cluster_that_does_not_answer() -> None:
    client = client_for("http://127.0.0.1:1")
    with pytest.raises(ClusterError, match="does not answer"):
        Cluster("shop", "kratos", lambda: client).read()


def authority() -> str:
    """A certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cluster")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_the_units_own_account_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in {"token": "t", "namespace": "shop", "ca.crt": authority()}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(cluster, "ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    client = cluster.connect()
    assert client.namespace == "shop"


class TestWatch:
    """A change by the Admin UI counts at once, not at the next event that happens to come."""

    def test_the_charm_has_the_maps_watched(self, context: testing.Context[Any], kubernetes: ClusterStub) -> None:
        run(context)
        ((namespace, application, unit, folder),) = kubernetes.watchers
        assert (namespace, application, unit) == ("shop", "kratos", "kratos/0")
        assert folder == context.charm_root or Path(folder).is_absolute()

    def test_without_a_cluster_or_rights_nothing_is_watched(
        self, context: testing.Context[Any], kubernetes: ClusterStub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kubernetes.refusal = 403
        run(context)
        monkeypatch.setattr(cluster, "ACCOUNT", Path("/nowhere"))
        run(context)
        assert kubernetes.watchers == []

    def test_it_wakes_the_charm_for_each_change_of_its_maps_and_for_nothing_else(self, kubernetes: ClusterStub) -> None:
        for name in ("kratos-identity-schemas", "kratos-oidc-providers", "other"):
            kubernetes.put(name, {"a": "1"})

        def change(name: str) -> Any:
            return lambda: kubernetes.put(name, {"a": "2"})

        kubernetes.watched = [
            ("ADDED", "kratos-identity-schemas"),
            ("ADDED", "kratos-oidc-providers"),
            ("ADDED", "other"),
            ("MODIFIED", "kratos-oidc-providers"),
            change("other"),
            ("MODIFIED", "other"),
            change("kratos-identity-schemas"),
            ("MODIFIED", "kratos-identity-schemas"),
        ]
        woken: list[int] = []
        known: map_watch.Known = {}
        names = ("kratos-identity-schemas", "kratos-oidc-providers")
        with pytest.raises(Exception, match="500"):
            map_watch.follow(cluster.connect(), "shop", known, names, lambda: woken.append(1))
        assert woken == [1]

        change("kratos-oidc-providers")()
        kubernetes.watched = [("ADDED", "kratos-oidc-providers")]
        with pytest.raises(Exception, match="500"):
            map_watch.follow(cluster.connect(), "shop", known, names, lambda: woken.append(2))
        assert woken == [1, 2], "a change while nobody looked is seen afterwards"

    def test_juju_is_asked_to_run_an_event(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        program = tmp_path / "juju-exec"
        program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.asked"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        map_watch.wake("kratos/0", "/charm")
        asked = (tmp_path / "juju-exec.asked").read_text().splitlines()
        assert asked == ["-u", "kratos/0", "JUJU_DISPATCH_PATH=hooks/update-status /charm/dispatch"]

    def test_there_is_one_and_it_ends_with_the_unit(
        self, context: testing.Context[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "token").write_text("t")
        with ClusterStub() as stub:
            client = client_for(stub.url)
            monkeypatch.setattr(cluster, "ACCOUNT", tmp_path)
            monkeypatch.setattr(cluster, "connect", lambda: client)
            monkeypatch.setenv("JUJU_CONTEXT_ID", "of-this-event")
            first = context.run(context.on.config_changed(), create_state())
            process = watcher(first)
            try:
                assert map_watch.runs(process)
                assert b"JUJU_CONTEXT_ID" not in Path(f"/proc/{process}/environ").read_bytes()
                second = context.run(context.on.update_status(), first)
                assert watcher(second) == process
                context.run(context.on.stop(), second)
            finally:
                map_watch.stop(process)
                os.waitpid(process, 0)
            assert not map_watch.runs(process)
            client._client._client.close()


def watcher(state: testing.State) -> int:
    """The process that the charm remembers."""
    (stored,) = [one for one in state.stored_states if "map_watch" in one.content]
    return int(stored.content["map_watch"])


def test_an_event_asks_the_cluster_little(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    run(context)
    kubernetes.calls.clear()
    run(context)
    assert [call.partition(" ")[0] for call in kubernetes.calls] == ["GET"] * 2, "the maps and nothing else"
