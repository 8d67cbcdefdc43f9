"""What went wrong with Canonical's charm, one test for each defect, so that nobody who switches meets it again."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import ops
import pytest
from ops import testing

from unit.charm import states
from unit.charm.admin_stub import AdminStub
from unit.charm.cluster_stub import ClusterStub
from unit.charm.fga_stub import FgaStub
from unit.charm.states import VERSION, configuration, container, create_state, database, peers

Context = testing.Context[Any]
SCHEMA = {"properties": {"traits": {"type": "object", "properties": {"email": {"type": "string"}}}}}
HOSTILE = "a@b/c#d:e f?g&h=%20"


def run(context: Context, **changes: Any) -> testing.State:
    return context.run(context.on.config_changed(), create_state(**changes))


def provider(**changes: Any) -> testing.Relation:
    """A provider of an integrator, in a relation."""
    one = {"provider": "google", "client_id": "c", "client_secret": "s", "id": "one", **changes}
    return testing.Relation("kratos-external-idp", remote_app_data={"providers": json.dumps([one])})


def providers(config: dict[str, Any]) -> list[dict[str, Any]]:
    return list(config["selfservice"]["methods"]["oidc"]["config"]["providers"])


def test_01_providers_of_the_admin_ui_are_used_with_scopes_in_a_list(context: Context, kubernetes: ClusterStub) -> None:
    one = {"id": "ui", "provider": "google", "client_id": "c", "client_secret": "s", "scope": ["email"], "label": ""}
    kubernetes.put("kratos-oidc-providers", {"idps.json": json.dumps([one])})
    (found,) = providers(configuration(context, run(context)))
    assert (found["id"], found["scope"]) == ("ui", ["email"])


def test_02_schemas_of_the_admin_ui_are_used_and_a_map_may_lack_its_key(
    context: Context, kubernetes: ClusterStub
) -> None:
    kubernetes.put("kratos-identity-schemas", {"ui": json.dumps(SCHEMA), "default.schema": "ui"})
    kubernetes.put("kratos-oidc-providers", {})
    out = run(context)
    assert out.unit_status == ops.ActiveStatus()
    assert configuration(context, out)["identity"]["default_schema_id"] == "ui"


def test_03_no_text_of_a_relation_breaks_the_configuration(context: Context) -> None:
    key = "-----BEGIN\nselfservice: {}\nEND-----"
    apple = {"apple_team_id": "1", "apple_private_key_id": "0123", "apple_private_key": key}
    relation = provider(provider="apple", label="My: label", client_secret=None, **apple)
    (found,) = providers(configuration(context, run(context, relations=[relation])))
    assert (found["label"], found["apple_private_key"], found["apple_private_key_id"]) == ("My: label", key, "0123")


def test_04_logins_are_escaped(context: Context) -> None:
    user = testing.Secret({"username": HOSTILE, "password": HOSTILE}, id="secret:dbuser", owner=None)
    relations = [database(), peers(migrated=VERSION), states.smtp(user=HOSTILE, password=HOSTILE)]
    config = configuration(context, run(context, relations=relations, secrets=[user]))
    for address, host in ((config["dsn"], "postgres"), (config["courier"]["smtp"]["connection_uri"], "mail")):
        parts = urlsplit(address)
        assert parts.hostname == host
        assert unquote(str(parts.username)) == unquote(str(parts.password)) == HOSTILE


@pytest.mark.parametrize("spelt", ["yandex", "yander"])
def test_05_yandex_is_a_vendor(context: Context, spelt: str) -> None:
    out = run(context, relations=[provider(provider=spelt), states.route("public-route")])
    assert providers(configuration(context, out))[0]["provider"] == "yandex"


def test_05_the_older_dialect_is_understood(context: Context) -> None:
    older = {"secret_backend": "relation", "tenant_id": "t", "id": None, "provider_id": "ms"}
    out = run(context, relations=[provider(provider="microsoft", **older), states.route("public-route")])
    (found,) = providers(configuration(context, out))
    assert (found["id"], found["microsoft_tenant"]) == ("ms", "t")


def test_06_a_new_password_changes_nothing_else_and_ends_sessions(context: Context, admin: AdminStub) -> None:
    kept = {"metadata_public": {"plan": "gold"}, "metadata_admin": {"note": "vip"}, "external_id": "crm-7"}
    identity_id = admin.add(**kept)
    admin.sessions[identity_id] = 2
    secret = testing.Secret({"password": "a-new-password"}, id="secret:pw", owner=None)
    params = {"identity-id": identity_id, "password-secret-id": "secret:pw"}
    context.run(context.on.action("reset-password", params=params), create_state(secrets=[secret]))
    assert {key: admin.identities[identity_id][key] for key in kept} == kept
    assert f"DELETE /identities/{identity_id}/sessions" in admin.calls


def test_07_a_rotated_password_and_tls_of_the_database_count_at_once(context: Context) -> None:
    user = testing.Secret(
        {"username": "u", "password": "old"},
        latest_content={"username": "u", "password": "new"},
        id="secret:dbuser",
        owner=None,
    )
    tls = testing.Secret({"tls": "True", "tls-ca": states.PEM}, id="secret:tls", owner=None)
    relations = [database(**{"secret-tls": "secret:tls"}), peers(migrated=VERSION)]
    state = create_state(relations=relations, secrets=[user, tls])
    dsn = configuration(context, context.run(context.on.secret_changed(user), state))["dsn"]
    assert "u:new@" in dsn and "sslmode=verify-full" in dsn


@pytest.mark.parametrize("relation", [states.smtp(), states.hydra(), states.login_ui()], ids=lambda one: one.endpoint)
def test_07_what_is_removed_ceases_to_count_at_once(context: Context, relation: testing.Relation) -> None:
    without = configuration(context, run(context))
    state = create_state(relations=[relation])
    assert configuration(context, context.run(context.on.relation_changed(relation), state)) != without
    assert configuration(context, context.run(context.on.relation_broken(relation), state)) == without


def refreshed(**changes: Any) -> testing.State:
    """The database is of an older server."""
    relations = [database(), peers(migrated="v26.1.0")]
    image = container(states.holds("ours", pending=1))
    return create_state(relations=relations, secrets=[states.DATABASE_USER], containers=[image], **changes)


def test_08_after_a_refresh_the_leader_migrates_or_says_what_to_do(context: Context) -> None:
    assert context.run(context.on.upgrade_charm(), refreshed()).unit_status == ops.ActiveStatus()
    waiting = context.run(context.on.upgrade_charm(), refreshed(config={"migrate_automatically": False}))
    assert isinstance(waiting.unit_status, ops.BlockedStatus) and "run-migration" in waiting.unit_status.message
    assert context.run(context.on.action("run-migration"), waiting).unit_status == ops.ActiveStatus()


@pytest.mark.parametrize("event", ["leader_elected", "upgrade_charm", "update_status"])
def test_09_others_are_told_at_any_event_and_of_what_is_no_more(context: Context, event: str) -> None:
    stale = testing.Relation(
        "kratos-info", local_app_data={"feature_flags": "webauthn,password", "mfa_enabled": "True"}
    )
    relations = [stale, states.route("public-route"), states.route("internal-route")]
    config = {"enable_local_idp": False, "enforce_mfa": False}
    out = context.run(getattr(context.on, event)(), create_state(relations=relations, config=config))
    told = out.get_relations("kratos-info")[0].local_app_data
    assert "feature_flags" not in told and told["mfa_enabled"] == "False"
    assert all(out.get_relations(f"{name}-route")[0].local_app_data["config"] for name in ("public", "internal"))


def test_10_the_maps_bear_the_applications_name_and_are_watched(context: Context, kubernetes: ClusterStub) -> None:
    run(context)
    assert set(kubernetes.maps) == {"kratos-identity-schemas", "kratos-oidc-providers"}
    assert len(kubernetes.watchers) == 1


def test_11_keys_rights_and_doors_are_as_they_should_be(context: Context) -> None:
    bare = database()
    out = run(context, keys=False, relations=[bare, peers(migrated=VERSION)], secrets=[states.DATABASE_USER])
    config = configuration(context, out)
    assert config["ciphers"]["algorithm"] != "noop"
    assert all(len(config["secrets"][kind][0]) == 32 for kind in ("cookie", "cipher", "default", "pagination"))
    assert "SUPERUSER" not in str(out.get_relation(bare.id).local_app_data)
    assert config["serve"]["admin"]["auth"]["keys"], "the admin API asks for a key"
    assert config["selfservice"]["flows"]["registration"]["enabled"] is False


def test_12_templates_and_authorities_count_at_once_and_go_again(context: Context) -> None:
    def digest(state: testing.State, service: str) -> str:
        return state.get_container("kratos").plan.services[service].environment["CONFIGURATION_DIGEST"]

    mail = states.smtp()
    plain = run(context, relations=[mail])
    text = "<p>{{ .RecoveryCode }}</p>"
    changed = run(context, relations=[mail], config={"recovery_email_template": text})
    template = configuration(context, changed)["courier"]["templates"]["recovery_code"]["valid"]["email"]["body"][
        "html"
    ]
    assert base64.b64decode(template.removeprefix("base64://")).decode() == text
    assert digest(changed, "courier") != digest(plain, "courier")
    assert "templates" not in configuration(context, run(context, relations=[mail]))["courier"]
    trusting = run(context, relations=[states.certificates()])
    assert digest(trusting, "kratos") != digest(run(context), "kratos")


def test_13_an_event_costs_no_command_in_the_container(context: Context, tmp_path: Path) -> None:
    before = run(context, containers=[states.keeping(tmp_path)])
    context.exec_history.clear()
    context.run(context.on.update_status(), before)
    assert not context.exec_history.get("kratos")


def test_14_a_failed_action_gives_the_servers_reason_or_one_sentence(context: Context, admin: AdminStub) -> None:
    admin.refusals["POST /identities"] = (400, {"error": {"reason": "the e-mail address is none"}})
    account = {"username": "ann", "email": "not-an-address", "password": "a-long-password"}
    with pytest.raises(testing.ActionFailed) as refused:
        context.run(context.on.action("create-admin-account", params=account), create_state())
    assert refused.value.message == "The server refuses: the e-mail address is none"
    with pytest.raises(testing.ActionFailed) as refused:
        context.run(context.on.action("get-identity", params={"identity-id": "x"}), create_state())
    assert "must be a UUID" in refused.value.message and "\n" not in refused.value.message


@pytest.fixture
def fga() -> Iterator[FgaStub]:
    with FgaStub() as stub:
        yield stub


def test_15_the_admins_account_is_an_administrator_of_the_admin_ui(
    context: Context, admin: AdminStub, fga: FgaStub
) -> None:
    token = testing.Secret({"token": "fga-token"}, id="secret:fga", owner=None)
    state = create_state(relations=[states.openfga(http_api_url=fga.url)], secrets=[token])
    account = {"username": "ann", "email": "ann@shop.test", "password": "a-long-password"}
    context.run(context.on.action("create-admin-account", params=account), state)
    assert fga.administrators() == {"user:ann@shop.test"}
