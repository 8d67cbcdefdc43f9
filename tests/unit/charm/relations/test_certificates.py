import json
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import PEM, certificates, container

OTHER = PEM.replace("MIIB", "MIIC")
BUNDLE = "etc/config/kratos/ca-certificates.pem"


def bundle(context: testing.Context[Any], out: testing.State) -> str:
    path = out.get_container("kratos").get_filesystem(context) / BUNDLE
    return path.read_text() if path.exists() else ""


def older(**bag: str) -> testing.Relation:
    return testing.Relation("receive-ca-cert", remote_units_data={0: bag})


@pytest.mark.parametrize("event", ["relation_created", "relation_changed", "config_changed"])
def test_version_1_is_asked_for(run: Any, bag: Any, event: str) -> None:
    assert bag(run(certificates(), event=event), "receive-ca-cert") == {"version": "1"}


def test_a_follower_asks_for_nothing(run: Any, bag: Any) -> None:
    assert bag(run(certificates(), leader=False), "receive-ca-cert") == {}


def test_the_server_trusts_them_besides_those_of_the_image(context: Any, run: Any, tmp_path: Any) -> None:
    (tmp_path / "ca-certificates.crt").write_text("SYSTEM\n")
    mounts = {"ssl": testing.Mount(location="/etc/ssl/certs", source=tmp_path)}
    out = run(certificates(PEM, OTHER), certificates(PEM), containers=[container(mounts=mounts)])
    assert bundle(context, out) == f"SYSTEM\n{PEM}\n{OTHER}\n"
    for service in ("kratos", "courier"):
        environment = out.get_container("kratos").plan.services[service].environment
        assert environment["SSL_CERT_FILE"] == f"/{BUNDLE}"


def test_a_new_certificate_restarts_the_server(run: Any) -> None:
    digests = {
        run(certificates(pem)).get_container("kratos").plan.services["kratos"].environment["CONFIGURATION_DIGEST"]
        for pem in (PEM, OTHER)
    }
    assert len(digests) == 2


@pytest.mark.parametrize(
    "relation",
    [
        older(certificate="x", ca=PEM, chain=json.dumps([OTHER]), version="0"),
        older(ca=PEM, chain=OTHER),
        older(ca=json.dumps(PEM), chain=json.dumps([OTHER])),
    ],
    ids=["genuine", "plain chain", "JSON"],
)
def test_version_0_in_each_of_its_forms(context: Any, run: Any, relation: testing.Relation) -> None:
    assert bundle(context, run(relation)).strip() == f"{PEM}\n{OTHER}"


@pytest.mark.parametrize("relation", [older(ca=PEM), older(certificate=PEM)])
def test_version_0_with_one_certificate(context: Any, run: Any, relation: testing.Relation) -> None:
    assert bundle(context, run(relation)).strip() == PEM


def test_a_chain_in_one_text(context: Any, run: Any) -> None:
    assert bundle(context, run(certificates(f"subject=x\n{PEM}\nissuer=y\n{OTHER}"))).strip() == f"{PEM}\n{OTHER}"


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
def test_without_certificates_the_image_decides(context: Any, run: Any, event: str) -> None:
    relation = certificates() if event == "relation_broken" else testing.Relation("receive-ca-cert")
    out = run(relation, event=event)
    assert bundle(context, out) == ""
    assert "SSL_CERT_FILE" not in out.get_container("kratos").plan.services["kratos"].environment


@pytest.mark.parametrize(
    "text",
    [
        "[",
        '{"a": 1}',
        '["no certificate"]',
        '["-----BEGIN CERTIFICATE-----\\nopen"]',
        '["-----BEGIN CERTIFICATE-----\\n!\\n-----END CERTIFICATE-----"]',
    ],
)
def test_what_is_no_certificate_blocks(run: Any, text: str) -> None:
    out = run(testing.Relation("receive-ca-cert", remote_app_data={"certificates": text}))
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert out.unit_status.message.startswith("receive-ca-cert: ")


@pytest.mark.parametrize("bag", [{"ca": '"open'}, {"chain": "[1"}])
def test_a_broken_version_0_blocks(run: Any, bag: dict[str, str]) -> None:
    assert isinstance(run(older(**bag)).unit_status, ops.BlockedStatus)
