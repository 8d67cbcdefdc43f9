"""Kratos' own client packages work unchanged: every call of their admin API, parsed by their models."""

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from live_server import LiveServer, create_identity, live_server, native_login

PACKAGES = ["ory_kratos_client", "ory_client"]
OVERRIDES = {"selfservice": {"methods": {"link": {"enabled": True}, "code": {"enabled": True}}}}
PASSWORD = "wind-9-Mill-Sail"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server for all calls."""
    with live_server(Path(tmp_path_factory.mktemp("clients")), overrides=OVERRIDES) as running:
        yield running


class Client:
    """A package, its admin API on the server, and what its models are called."""

    def __init__(self, package: ModuleType, server: LiveServer) -> None:
        self.package = package
        configuration = package.Configuration(host=server.admin.rstrip("/"))
        self._client = package.ApiClient(configuration)
        self.identities = package.IdentityApi(self._client)
        self.courier = package.CourierApi(self._client)
        self.metadata = package.MetadataApi(self._client)

    def model(self, name: str, **values: Any) -> Any:
        return getattr(self.package, name)(**values)

    def create(self, email: str, **more: Any) -> Any:
        body = self.model("CreateIdentityBody", schema_id="default", traits={"email": email}, **more)
        return self.identities.create_identity(create_identity_body=body)

    def refused(self, work: Any) -> int:
        with pytest.raises(self.package.ApiException) as caught:
            work()
        return int(caught.value.status)


@pytest.fixture(scope="module", params=PACKAGES)
def client(request: pytest.FixtureRequest, server: LiveServer) -> Client:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Client(importlib.import_module(request.param), server)


@pytest.fixture
def email(client: Client, request: pytest.FixtureRequest) -> str:
    """An address that no other test has."""
    return f"{request.node.name.replace('[', '-').rstrip(']')}@example.com".lower()


def test_create_get_and_find(client: Client, email: str) -> None:
    made = client.create(email, external_id=email[:60], metadata_admin={"a": 1}, state="active")
    assert made.traits == {"email": email}
    found = client.identities.get_identity(str(made.id), include_credential=["password"])
    assert (str(found.id), found.metadata_admin, found.credentials["password"].config) == (str(made.id), {"a": 1}, {})
    assert str(client.identities.get_identity_by_external_id(email[:60]).id) == str(made.id)
    assert [str(each.id) for each in client.identities.list_identities(credentials_identifier=email)] == [str(made.id)]
    assert [str(each.id) for each in client.identities.list_identities(ids=[str(made.id)])] == [str(made.id)]
    assert client.identities.list_identities(page_size=1)


def test_import_and_sign_in(client: Client, email: str, server: LiveServer) -> None:
    config = client.model("IdentityWithCredentialsPasswordConfig", password=PASSWORD)
    password = client.model("IdentityWithCredentialsPassword", config=config)
    client.create(email, credentials=client.model("IdentityWithCredentials", password=password))
    assert native_login(server, email, PASSWORD).status_code == 200


def test_update_and_patch(client: Client, email: str) -> None:
    made = client.create(email)
    body = client.model("UpdateIdentityBody", schema_id="default", traits={"email": email}, state="inactive")
    assert client.identities.update_identity(str(made.id), update_identity_body=body).state == "inactive"
    operation = client.model("JsonPatch", op="replace", path="/metadata_public", value={"plan": "gold"})
    assert client.identities.patch_identity(str(made.id), json_patch=[operation]).metadata_public == {"plan": "gold"}


def test_a_batch(client: Client, email: str) -> None:
    def item(address: str) -> Any:
        body = client.model("CreateIdentityBody", schema_id="default", traits={"email": address})
        return client.model("IdentityPatch", create=body)

    body = client.model("PatchIdentitiesBody", identities=[item(email), item(email)])
    answer = client.identities.batch_patch_identities(patch_identities_body=body)
    assert [each.action for each in answer.identities] == ["create", "error"]


def test_removals(client: Client, email: str) -> None:
    made = client.create(email)
    remove = client.identities.delete_identity_credentials
    assert client.refused(lambda: remove(str(made.id), "totp")) == 404
    client.identities.delete_identity(str(made.id))
    assert client.refused(lambda: client.identities.get_identity(str(made.id))) == 404


def test_sessions(client: Client, email: str, server: LiveServer) -> None:
    owner = create_identity(server, email, PASSWORD)
    session_id = native_login(server, email, PASSWORD).json()["session"]["id"]
    api = client.identities
    assert [str(each.id) for each in api.list_identity_sessions(owner)] == [session_id]
    assert session_id in [str(each.id) for each in api.list_sessions(expand=["identity", "devices"], active=True)]
    seen = api.get_session(session_id, expand=["identity", "devices"])
    assert (str(seen.identity.id), len(seen.devices)) == (owner, 1)
    assert str(api.extend_session(session_id).id) == session_id
    api.disable_session(session_id)
    assert not api.get_session(session_id).active
    api.delete_identity_sessions(owner)
    assert client.refused(lambda: api.get_session(session_id)) == 404


def test_many_sessions_at_once(client: Client, email: str, server: LiveServer) -> None:
    if not hasattr(client.identities, "manage_sessions"):
        pytest.skip("this package is older than the call")
    owner = create_identity(server, email, PASSWORD)
    native_login(server, email, PASSWORD)
    body = client.model("ManageSessionsBody", action="delete", identities=[owner])
    answer = client.identities.manage_sessions(manage_sessions_body=body)
    assert (answer.processed, answer.more) == (1, False)


def test_recovery(client: Client, email: str) -> None:
    made = client.create(email)
    code_body = client.model("CreateRecoveryCodeForIdentityBody", identity_id=str(made.id), expires_in="1h")
    code = client.identities.create_recovery_code_for_identity(create_recovery_code_for_identity_body=code_body)
    assert len(code.recovery_code) == 6
    link_body = client.model("CreateRecoveryLinkForIdentityBody", identity_id=str(made.id))
    link = client.identities.create_recovery_link_for_identity(create_recovery_link_for_identity_body=link_body)
    assert "token=" in link.recovery_link


def test_schemas(client: Client) -> None:
    (schema,) = client.identities.list_identity_schemas()
    assert schema.id == "default"
    assert client.identities.get_identity_schema("default")["type"] == "object"


def test_messages(client: Client) -> None:
    assert client.courier.list_courier_messages() == []
    assert client.refused(lambda: client.courier.get_courier_message("5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11")) == 404


def test_metadata(client: Client) -> None:
    assert client.metadata.get_version().version
    if hasattr(client.metadata, "is_alive"):
        assert client.metadata.is_alive().status == "ok"
        assert client.metadata.is_ready().status == "ok"


#: A call for signing in for trial, which no release of Kratos that this server follows has.
NOT_SERVED = {"create_test_login_flow"}
_VARIANTS = ("_with_http_info", "_without_preload_content")


def test_every_admin_call_is_made_here(client: Client) -> None:
    text = Path(__file__).read_text()
    for api in (client.identities, client.courier, client.metadata):
        calls = {name for name in dir(type(api)) if not name.startswith("_") and not name.endswith(_VARIANTS)}
        assert {name for name in calls - NOT_SERVED if f".{name}" not in text} == set()
