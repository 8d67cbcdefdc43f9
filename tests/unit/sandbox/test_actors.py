"""The actors write what the real charms write."""

import base64
import hashlib
import json
import lzma
import smtplib
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from juju_sandbox import applications, options, relations, vault
from juju_sandbox.actors.actor import Actor, World
from juju_sandbox.actors.cast import CAST
from juju_sandbox.actors.gateway import Rule, rules
from juju_sandbox.actors.openfga_model import authorization_model
from juju_sandbox.failures import SandboxError
from juju_sandbox.services import Services
from juju_sandbox.stage import Stage
from unit.sandbox.playground import Playground

OURS = {
    "requires": ("smtp", "hydra_endpoints", "login_ui_endpoints", "external_provider", "certificate_transfer"),
    "provides": ("prometheus_scrape", "grafana_dashboard"),
}
MORE = ("loki_push_api", "tracing", "traefik_route", "ingress", "tls-certificates")


class Scene:
    """Our application, without a charm behind it, and the actors."""

    def __init__(self, ground: Playground) -> None:
        self.store = ground.store
        ends = {role: {f"our-{each}": {"interface": each} for each in names} for role, names in OURS.items()}
        ends["requires"] |= {f"our-{each}": {"interface": each} for each in MORE}
        (ground.source / "metadata.yaml").write_text(yaml.safe_dump({"name": "ours", **ends}), encoding="utf-8")
        ground.deploy("ours")
        self.world = World(ground.store, ground.places, Services(ground.places.services))
        self.stage = Stage(self.world)

    def relate(self, charm: str, interface: str, config: Mapping[str, str] | None = None) -> int:
        """Relates us with an actor and lets it answer; returns the relation."""
        if not self.store.value("SELECT 1 FROM application WHERE name = ?", charm):
            applications.deploy_actor(self.store, charm, charm)
            applications.add_unit(self.store, charm)
        self.configure(charm, **(config or {}))
        ends = self.stage.endpoints("ours"), self.stage.endpoints(charm)
        mine, theirs = relations.match(("ours", ends[0]), (charm, ends[1]), (f"our-{interface}", ""))
        number = relations.add(self.store, ("ours", mine), (charm, theirs))
        relations.enter(self.store, number, "ours/0", "127.0.0.1")
        self.stage.settle()
        return number

    def configure(self, charm: str, **values: str) -> None:
        options.change(self.store, charm, CAST[charm].options, values, [])

    def tell(self, relation: int, **values: str) -> None:
        """Writes our application's databag."""
        relations.write(self.store, relation, "ours", values)
        self.stage.settle()

    def bag(self, relation: int, owner: str) -> dict[str, str]:
        found = relations.read(self.store, relation, owner)
        return {key: found[key] for key in found if not key.endswith(("-address", "-subnets"))}

    def actor(self, charm: str) -> Actor:
        return self.stage._actors[charm]

    def status(self, charm: str) -> tuple[str, str]:
        row = self.store.first("SELECT status, message FROM status WHERE entity = ?", charm)
        assert row is not None
        return row["status"], row["message"]

    def secret(self, uri: str) -> dict[str, str]:
        identifier = vault.bare(uri)
        assert self.store.value("SELECT 1 FROM secret_grant WHERE secret = ? AND grantee = 'ours'", identifier)
        found = vault.read(self.store, identifier, vault.latest_revision(self.store, identifier))
        assert found is not None
        return found


@pytest.fixture
def scene(ground: Playground) -> Iterator[Scene]:
    made = Scene(ground)
    yield made
    made.stage.close()


def test_mail_goes_to_a_sink_that_keeps_it(scene: Scene) -> None:
    number = scene.relate("smtp-integrator", "smtp")
    bag = scene.bag(number, "smtp-integrator")
    assert (bag["host"], bag["auth_type"], bag["transport_security"], bag["skip_ssl_verify"]) == (
        *("127.0.0.1", "none", "none", "False"),
    )
    with smtplib.SMTP(bag["host"], int(bag["port"])) as client:
        client.sendmail("a@example.com", ["b@example.com"], "Subject: Hi\r\n\r\n..\r\nyour code is 1\r\n")
    shown = scene.actor("smtp-integrator").perform("show-messages", {"count": 5})
    assert json.loads(shown["messages"]) == [{"to": ["b@example.com"], "subject": "Hi", "text": "..\nyour code is 1"}]
    assert scene.world.ports["smtp-integrator"] == {int(bag["port"])}


def test_a_mail_servers_password_is_a_granted_secret_that_can_change(scene: Scene) -> None:
    config = {"host": "mail.example.com", "port": "587", "user": "u@x", "password": "p/w#1", "auth_type": "plain"}
    number = scene.relate("smtp-integrator", "smtp", config | {"transport_security": "starttls"})
    bag = scene.bag(number, "smtp-integrator")
    assert (bag["host"], bag["port"], bag["user"]) == ("mail.example.com", "587", "u@x")
    assert "password" not in bag
    assert scene.secret(bag["password_id"]) == {"password": "p/w#1"}
    scene.configure("smtp-integrator", password="other")
    scene.stage.settle()
    assert scene.bag(number, "smtp-integrator") == bag
    assert scene.secret(bag["password_id"]) == {"password": "other"}


def test_hydra_gives_two_addresses(scene: Scene) -> None:
    number = scene.relate("hydra", "hydra_endpoints", {"admin_url": "http://h:4445"})
    assert scene.bag(number, "hydra") == {
        "admin_endpoint": "http://h:4445",
        "public_endpoint": "http://hydra.sandbox.svc.cluster.local:4444",
    }


def test_the_login_ui_gives_paths_without_a_route_and_addresses_with_one(scene: Scene) -> None:
    charm = "identity-platform-login-ui-operator"
    number = scene.relate(charm, "login_ui_endpoints")
    bag = scene.bag(number, charm)
    assert (len(bag), bag["recovery_url"]) == (12, "/ui/reset_email")
    scene.configure(charm, base_url="https://login.example.com/")
    scene.stage.settle()
    assert scene.bag(number, charm)["login_url"] == "https://login.example.com/ui/login"


def test_an_external_provider_is_described_in_the_present_dialect(scene: Scene) -> None:
    charm = "kratos-external-idp-integrator"
    number = scene.relate(charm, "external_provider", {"provider": "generic", "client_id": "me"})
    assert scene.status(charm) == ("blocked", "Missing configuration: client_secret, issuer_url")
    assert scene.bag(number, charm) == {}
    scene.configure(charm, client_secret="s", issuer_url="https://idp.example.com")
    scene.stage.settle()
    provider = json.loads(scene.bag(number, charm)["providers"])[0]
    assert provider["id"] == f"generic_{hashlib.sha1(b'me_https://idp.example.com').hexdigest()}"
    assert (provider["scope"], provider["label"]) == ("profile email address phone", "generic")
    assert provider["mapper_url"].startswith("base64://")
    with pytest.raises(SandboxError, match="no redirect_uri"):
        scene.actor(charm).perform("get-redirect-uri", {})
    scene.tell(number, providers=json.dumps([{"provider_id": provider["id"], "redirect_uri": "https://a/b"}]))
    assert scene.actor(charm).perform("get-redirect-uri", {}) == {"redirect-uri": "https://a/b"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"provider": "github", "client_secret": "s"}, {"scope": "user:email"}),
        (
            {"provider": "microsoft", "client_secret": "s", "microsoft_tenant_id": "t"},
            {"microsoft_tenant": "t", "id": f"microsoft_{hashlib.sha1(b'me_t').hexdigest()}"},
        ),
        (
            {"provider": "apple", "apple_team_id": "t", "apple_private_key_id": "k", "apple_private_key": "a\nb"},
            {"apple_private_key": "a\nb"},
        ),
    ],
)
def test_each_kind_of_provider_brings_what_it_needs(
    scene: Scene, config: dict[str, str], expected: dict[str, str]
) -> None:
    charm = "kratos-external-idp-integrator"
    number = scene.relate(charm, "external_provider", config | {"client_id": "me"})
    provider = json.loads(scene.bag(number, charm)["providers"])[0]
    assert expected.items() <= provider.items()


def test_certificates_are_sent_in_the_version_that_is_read(scene: Scene) -> None:
    charm = "self-signed-certificates"
    number = scene.relate(charm, "certificate_transfer")
    old = scene.bag(number, f"{charm}/0")
    assert old["version"] == "0"
    assert old["ca"] == json.loads(old["chain"])[0]
    scene.tell(number, version="1")
    new = scene.bag(number, charm)
    assert (json.loads(new["certificates"]), new["version"]) == ([old["ca"]], "1")
    assert scene.bag(number, f"{charm}/0") == {}
    assert x509.load_pem_x509_certificate(old["ca"].encode()).subject.rfc4514_string() == "CN=sandbox"
    scene.actor(charm).perform("rotate-private-key", {})
    scene.stage.settle()
    assert json.loads(scene.bag(number, charm)["certificates"]) != [old["ca"]]


def test_the_gateway_serves_a_route_once_it_is_described(scene: Scene) -> None:
    number = scene.relate("traefik-k8s", "traefik_route")
    bag = scene.bag(number, "traefik-k8s")
    assert bag["scheme"] == "http"
    backend = urllib.request.Request(f"http://{bag['external_host']}/schemas")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(backend)


def test_a_gateway_whose_port_is_taken_takes_another_and_keeps_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    applications.deploy_actor(scene.store, "traefik-k8s", "traefik-k8s")
    applications.add_unit(scene.store, "traefik-k8s")
    with socket.socket() as taken:
        taken.bind((applications.get_unit(scene.store, "traefik-k8s/0")["address"], 0))
        taken.listen()
        monkeypatch.setattr("juju_sandbox.actors.traefik.PORT", taken.getsockname()[1])
        number = scene.relate("traefik-k8s", "traefik_route")
        host = scene.bag(number, "traefik-k8s")["external_host"]
        assert host.rpartition(":")[2] != str(taken.getsockname()[1])
    scene.actor("traefik-k8s").stop()
    scene.stage.settle()
    assert scene.bag(number, "traefik-k8s")["external_host"] == host


def test_an_ingress_is_a_path_of_the_gateway(scene: Scene) -> None:
    number = scene.relate("traefik-k8s", "ingress", {"external_hostname": "apps.example.com"})
    assert scene.bag(number, "traefik-k8s") == {}
    scene.tell(number, model='"m"', name='"ours"', port="4433", **{"strip-prefix": "true"})
    assert json.loads(scene.bag(number, "traefik-k8s")["ingress"]) == {"url": "http://apps.example.com/m-ours"}


ROUTES: Mapping[str, Any] = {
    "http": {
        "routers": {
            "a": {"rule": "Host(`h`) && PathPrefix(`/a`)", "service": "s", "entryPoints": ["web"]},
            "tls": {"rule": "Host(`h`) && PathPrefix(`/a`)", "service": "s", "entryPoints": ["websecure"]},
            "js": {
                "rule": "Host(`h`) && Path(`/a/x.js`)",
                "service": "s",
                "middlewares": ["m"],
                "entryPoints": ["web"],
            },
        },
        "services": {"s": {"loadBalancer": {"servers": [{"url": "http://ours.m.svc.cluster.local:4433"}]}}},
        "middlewares": {"m": {"replacePath": {"path": "/real.js"}}},
    }
}


def test_routers_are_read_as_traefik_reads_them() -> None:
    first, second = rules(ROUTES)
    assert (first.path, first.prefix, first.target("/a/x.js")) == ("/a/x.js", False, "/real.js")
    assert second.matches("h", "/a/b")
    assert not second.matches("other", "/a/b")
    assert not first.matches("h", "/a/x.js/more")


def test_a_stripped_prefix_leaves_a_path() -> None:
    rule = Rule("", "/m-ours", True, "http://ours:1", strip="/m-ours")
    assert (rule.target("/m-ours/x"), rule.target("/m-ours")) == ("/x", "/")


def test_loki_keeps_what_is_pushed(scene: Scene) -> None:
    number = scene.relate("loki-k8s", "loki_push_api")
    url = json.loads(scene.bag(number, "loki-k8s/0")["endpoint"])["url"]
    body = {"streams": [{"stream": {"juju_unit": "ours/0"}, "values": [["1", "a line"], ["2", "another"]]}]}
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode())).close()
    shown = scene.actor("loki-k8s").perform("query", {"text": "line", "count": 20})
    assert (shown["count"], shown["lines"], json.loads(shown["labels"])) == ("1", "a line", {"juju_unit": "ours/0"})


def test_tempo_offers_the_receiver_that_is_asked_for(scene: Scene) -> None:
    number = scene.relate("tempo-coordinator-k8s", "tracing")
    assert scene.bag(number, "tempo-coordinator-k8s") == {}
    scene.tell(number, receivers='["otlp_http", "zipkin"]')
    offered = json.loads(scene.bag(number, "tempo-coordinator-k8s")["receivers"])
    assert [each["protocol"] for each in offered] == [{"name": "otlp_http", "type": "http"}]


def test_prometheus_shows_rules_and_scrapes_targets(scene: Scene, tmp_path: Path) -> None:
    number = scene.relate("prometheus-k8s", "prometheus_scrape")
    groups = {"groups": [{"name": "g", "rules": [{"alert": "Kratos Down", "expr": "up == 0"}]}]}
    jobs = [{"metrics_path": "/m", "static_configs": [{"targets": ["*:1"]}]}]
    relations.write(scene.store, number, "ours/0", {"prometheus_scrape_unit_address": "127.0.0.1"})
    scene.tell(number, alert_rules=json.dumps(groups), scrape_jobs=json.dumps(jobs))
    assert scene.actor("prometheus-k8s").perform("show-rules", {}) == {"kratos-down": "up == 0"}
    with pytest.raises(SandboxError, match="/m cannot be scraped"):
        scene.actor("prometheus-k8s").perform("scrape", {})


def test_grafana_opens_the_dashboards(scene: Scene) -> None:
    number = scene.relate("grafana-k8s", "grafana_dashboard")
    content = base64.b64encode(lzma.compress(json.dumps({"title": "T", "panels": [1, 2]}).encode())).decode()
    scene.tell(number, dashboards=json.dumps({"templates": {"file:kratos": {"content": content}}, "uuid": "x"}))
    assert scene.actor("grafana-k8s").perform("list-dashboards", {}) == {"file-kratos": "T: 2 panels"}


def test_an_actor_withdraws_when_it_is_removed(scene: Scene) -> None:
    number = scene.relate("smtp-integrator", "smtp", {"host": "h", "password": "p"})
    assert scene.store.value("SELECT count(*) FROM secret") == 1
    scene.store.run("UPDATE application SET life = 'dying' WHERE name = 'smtp-integrator'")
    scene.store.run("UPDATE relation SET life = 'dying' WHERE id = ?", number)
    scene.stage.settle()
    relations.leave(scene.store, number, "ours/0")
    applications.bury_application(scene.store, "smtp-integrator")
    for table in ("secret", "relation"):
        assert scene.store.value(f"SELECT count(*) FROM {table}") == 0
    assert scene.store.value("SELECT count(*) FROM application") == 1


def test_an_actor_that_cannot_go_on_says_why(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Actor) -> tuple[str, str]:
        raise SandboxError("no more paper")

    monkeypatch.setattr(CAST["hydra"], "settle", refuse)
    scene.relate("hydra", "hydra_endpoints")
    assert scene.status("hydra") == ("error", "no more paper")


def test_postgresql_that_is_not_installed_is_one_clear_line(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("juju_sandbox.actors.postgresql.find_programs", lambda: None)
    applications.deploy_actor(scene.store, "postgresql-k8s", "postgresql-k8s")
    applications.add_unit(scene.store, "postgresql-k8s")
    scene.stage.settle()
    status, message = scene.status("postgresql-k8s")
    assert status == "blocked"
    assert "apt-get install postgresql" in message


def test_the_admin_ui_says_what_it_lacks(scene: Scene) -> None:
    applications.deploy_actor(scene.store, "identity-platform-admin-ui", "identity-platform-admin-ui")
    applications.add_unit(scene.store, "identity-platform-admin-ui")
    scene.stage.settle()
    assert scene.status("identity-platform-admin-ui") == ("blocked", "Missing integration pg-database")


def test_the_admin_uis_model_has_its_types() -> None:
    model = authorization_model()
    types = [each["type"] for each in model["type_definitions"]]
    assert types[:2] == ["user", "privileged"]
    assert {"role", "group", "identity", "client"} <= set(types)
    json.dumps(model)
