"""T35: relation data and options cannot rewrite the configuration.

Another application, or whoever can write into its relation, is the attacker. Its texts may be anything; they must come
out of the file as they went in, and move no other key.
"""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ops import testing

from identity_charm import rendering
from identity_charm import settings as charm_settings
from identity_charm.admin_keys import AdminKeys
from identity_charm.identity_schemas import IdentitySchemas
from identity_charm.oidc_providers import Provider
from identity_charm.options import Options
from identity_charm.related import Related
from identity_charm.relations.database import Database
from identity_charm.relations.hydra import Hydra
from identity_charm.relations.smtp import Smtp
from identity_charm.relations.webhooks import Webhook, Webhooks
from identity_charm.server_secrets import ServerSecrets
from identity_charm.situation import Usable
from unit.charm import states
from unit.charm.states import configuration, create_state

#: Each of these broke or changed a configuration whose values were pasted into YAML.
NASTY = [
    "abc #def",
    "0123",
    "1e3",
    "a: b",
    "no",
    "~",
    "",
    "{{ 7*7 }}",
    "{% raw %}",
    '"',
    "'",
    "\\",
    "- a",
    "!!python/object/apply:os.system [id]",
    "&a *a",
    "x\n  enabled: false",
    "x\nselfservice:\n  methods:\n    password:\n      config:\n        min_password_length: 6",
    "x\r\ndsn: memory",
    "\x85dsn: memory",
    "\u2028dsn: memory",
    "\ufeff",
    "\x00",
    "\U0001f600",
    "---\ndsn: memory",
    "...\n",
    "${DSN}",
    "%41",
]
TEXT = st.sampled_from(NASTY) | st.text(max_size=40)
SLOTS = (
    "label",
    "client_secret",
    "private_key",
    "header",
    "value",
    "user",
    "password",
    "db_user",
    "db_password",
    "sender",
)


def configured(texts: dict[str, str]) -> Any:
    """The configuration with a text in each place that others choose freely, after a trip through the file."""
    google = {"id": "google", "provider": "google", "client_id": "c"}
    apple = {"id": "apple", "provider": "apple", "client_id": "c", "team_id": "t", "private_key_id": "k"}
    providers = [
        Provider({**google, "label": texts["label"], "client_secret": texts["client_secret"]}),
        Provider({**apple, "apple_private_key": texts["private_key"]}),
    ]
    auth = {"type": "api_key", "config": {"name": texts["header"], "value": texts["value"], "in": "header"}}
    hook = Webhook("after", ("password",), 0, {"url": "https://hooks.test", "method": "POST", "auth": auth})
    related = Related(
        database=Database(1, "postgres:5432", "db", texts["db_user"], texts["db_password"]),
        smtp=Smtp("mail", 25, texts["user"], texts["password"]),
        login_hooks=Webhooks("login", (hook,)),
        hydra=Hydra("http://hydra:4445"),
    )
    usable = Usable(
        options=Options.model_construct(sender_name=texts["sender"]),
        schemas=IdentitySchemas.load("", ""),
        providers=providers,
        admin_keys=AdminKeys(),
        keys=ServerSecrets(["c" * 32], ["d" * 32], ["e" * 32], ["f" * 32], "g" * 32),
        related=related,
        verification_email="",
    )
    data = charm_settings.build(usable)
    read = yaml.safe_load(rendering.render("kratos.yaml.j2", settings=data))
    assert read == data
    return read


def places(config: Any) -> dict[str, Any]:
    """Where each text must come out; what is left of the configuration is everything else."""
    google, apple = config["selfservice"]["methods"]["oidc"]["config"]["providers"]
    (hook,) = config["selfservice"]["flows"]["login"]["after"]["password"]["hooks"]
    auth = hook["config"]["auth"]["config"]
    found = {
        "label": google.pop("label"),
        "client_secret": google.pop("client_secret"),
        "private_key": apple.pop("apple_private_key"),
        "header": auth.pop("name"),
        "value": auth.pop("value"),
        "sender": config["courier"]["smtp"].pop("from_name"),
    }
    assert config["selfservice"]["methods"]["totp"]["config"].pop("issuer") == found["sender"]
    config.pop("dsn")
    config["courier"]["smtp"].pop("connection_uri")
    return found


PLAIN = configured(dict.fromkeys(SLOTS, "plain"))
places(PLAIN)


@settings(max_examples=1000, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(SLOTS, TEXT)))
def test_t35_any_text_comes_out_as_it_went_in_and_moves_nothing_else(texts: dict[str, str]) -> None:
    config = configured(texts)
    found = places(config)
    assert found == {slot: texts[slot] for slot in found}
    assert config == PLAIN


@pytest.mark.parametrize("nasty", [text for text in NASTY if text and "\x00" not in text])
def test_t35_through_a_real_relation(context: testing.Context[Any], nasty: str) -> None:
    relations = [states.provider(label=nasty, client_secret=nasty), states.route("public-route")]
    config = configuration(context, context.run(context.on.config_changed(), create_state(relations=relations)))
    plain_relations = [states.provider(label="plain", client_secret="plain"), states.route("public-route")]
    plain = configuration(context, context.run(context.on.config_changed(), create_state(relations=plain_relations)))
    (one,) = config["selfservice"]["methods"]["oidc"]["config"]["providers"]
    (other,) = plain["selfservice"]["methods"]["oidc"]["config"]["providers"]
    assert one.pop("label") == one.pop("client_secret") == nasty
    assert other.pop("label") == other.pop("client_secret") == "plain"
    assert config == plain


def test_t35_half_a_character_is_refused(context: testing.Context[Any]) -> None:
    relation = testing.Relation(
        "kratos-external-idp",
        remote_app_data={"providers": '[{"provider": "google", "client_id": "c", "client_secret": "\\ud800"}]'},
    )
    out = context.run(context.on.config_changed(), create_state(relations=[relation, states.route("public-route")]))
    assert "providers is not JSON" in out.unit_status.message
