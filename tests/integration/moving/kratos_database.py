"""Tables of Ory Kratos 26.2, with people in them."""

import json
import uuid
from typing import Any

import bcrypt
import psycopg

NETWORK, TYPE, OIDC, TOTP = (str(uuid.uuid4()) for _ in range(4))
ANN, BOB = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
PASSWORD = "wind-9-Mill-Sail"
MADE = "2024-05-06 07:08:09.123456"
#: The columns that an import needs, as that server makes them.
TABLES = """
CREATE TABLE schema_migration (version varchar(48), version_self int);
CREATE TABLE networks (id uuid PRIMARY KEY, created_at timestamp, updated_at timestamp);
CREATE TABLE identities (id uuid PRIMARY KEY, nid uuid REFERENCES networks (id), schema_id varchar(2048), traits jsonb,
    state varchar(255), state_changed_at timestamp, metadata_public jsonb, metadata_admin jsonb,
    available_aal varchar(4), organization_id uuid, external_id varchar(64), created_at timestamp,
    updated_at timestamp);
CREATE TABLE identity_credential_types (id uuid PRIMARY KEY, name varchar(32));
CREATE TABLE identity_credentials (id uuid PRIMARY KEY, nid uuid, identity_id uuid REFERENCES identities (id),
    identity_credential_type_id uuid REFERENCES identity_credential_types (id), config jsonb, version int,
    created_at timestamp, updated_at timestamp);
CREATE TABLE identity_credential_identifiers (id uuid PRIMARY KEY, nid uuid, identity_id uuid,
    identity_credential_id uuid REFERENCES identity_credentials (id), identity_credential_type_id uuid,
    identifier varchar(255), created_at timestamp, updated_at timestamp);
CREATE TABLE identity_verifiable_addresses (id uuid PRIMARY KEY, nid uuid, identity_id uuid, value varchar(400),
    via varchar(16), status varchar(16), verified boolean, verified_at timestamp, created_at timestamp,
    updated_at timestamp);
CREATE TABLE identity_recovery_addresses (id uuid PRIMARY KEY, nid uuid, identity_id uuid, value varchar(400),
    via varchar(16), created_at timestamp, updated_at timestamp);
CREATE TABLE sessions (id uuid PRIMARY KEY, nid uuid, identity_id uuid, token varchar(39));
"""


def fill(database: "psycopg.Connection[Any]", schema_id: str = "default") -> None:
    """The tables as Kratos leaves them, with two people."""
    database.execute(TABLES)  # type: ignore[arg-type]
    database.execute("INSERT INTO networks VALUES (%s, %s, %s)", (NETWORK, MADE, MADE))
    for kind, name in ((TYPE, "password"), (OIDC, "oidc"), (TOTP, "totp")):
        database.execute("INSERT INTO identity_credential_types VALUES (%s, %s)", (kind, name))
    person(database, ANN, "ann@shop.test", schema_id, external_id="crm-7", metadata_public={"plan": "gold"})
    person(database, BOB, "bob@shop.test", schema_id, state="inactive")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    credential(database, ANN, TYPE, {"hashed_password": hashed}, "ann@shop.test")
    link = {"provider": "google", "subject": "1", "initial_access_token": "6162", "initial_id_token": ""}
    credential(database, ANN, OIDC, {"providers": [link]}, "google:1")


def person(database: "psycopg.Connection[Any]", number: str, email: str, schema_id: str, **more: Any) -> None:
    row = {"state": "active", "external_id": None, "metadata_public": None, **more}
    database.execute(
        "INSERT INTO identities (id, nid, schema_id, traits, state, state_changed_at, metadata_public, external_id,"
        " created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(number, NETWORK, schema_id, json.dumps({"email": email}), row["state"], MADE),
            *(json.dumps(row["metadata_public"]) if row["metadata_public"] else None, row["external_id"], MADE, MADE),
        ),
    )
    database.execute(
        "INSERT INTO identity_verifiable_addresses VALUES (%s, %s, %s, %s, 'email', 'completed', true, %s, %s, %s)",
        (str(uuid.uuid4()), NETWORK, number, email, MADE, MADE, MADE),
    )
    database.execute(
        "INSERT INTO identity_recovery_addresses VALUES (%s, %s, %s, %s, 'email', %s, %s)",
        (str(uuid.uuid4()), NETWORK, number, email, MADE, MADE),
    )


def credential(database: "psycopg.Connection[Any]", number: str, kind: str, config: Any, identifier: str) -> None:
    made = str(uuid.uuid4())
    database.execute(
        "INSERT INTO identity_credentials VALUES (%s, %s, %s, %s, %s, 0, %s, %s)",
        (made, NETWORK, number, kind, json.dumps(config), MADE, MADE),
    )
    database.execute(
        "INSERT INTO identity_credential_identifiers VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (str(uuid.uuid4()), NETWORK, number, made, kind, identifier, MADE, MADE),
    )
