"""The script that pages load does what forms promise."""

import base64
import hashlib
import json
import shutil
import subprocess
from typing import Any, get_args

import pytest

from identity_server.methods.security_keys.script import script
from identity_server.ui.nodes import Trigger
from software_keys import text

NODE = shutil.which("node")
#: A page with one form, and a browser whose keys answer with what they were asked.
PAGE = """
const fields = %(fields)s
const asked = []
const form = { submit: () => { form.sent = true } }
for (const name of Object.keys(fields)) {
  fields[name] = { value: fields[name], form }
}
const bytes = (...values) => new Uint8Array(values).buffer
const plain = (value) => JSON.parse(JSON.stringify(value, (_, each) =>
  each instanceof Uint8Array || each instanceof ArrayBuffer ? Array.from(new Uint8Array(each)) : each))
const answer = (kind) => (options) => {
  const { signal, ...rest } = options
  asked.push({ kind, ...plain(rest) })
  if (%(fails)s) return Promise.reject(new Error("refused"))
  const response = kind === "create"
    ? { clientDataJSON: bytes(1), attestationObject: bytes(251, 255), getTransports: () => ["usb"] }
    : { clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3), userHandle: null }
  return Promise.resolve({ id: "AQI", rawId: bytes(1, 2), type: "public-key", response })
}
const events = []
globalThis.window = globalThis
globalThis.PublicKeyCredential = { isConditionalMediationAvailable: async () => %(offers)s }
Object.defineProperty(globalThis, "navigator", {
  value: { credentials: { create: answer("create"), get: answer("get") } },
})
globalThis.document = { querySelector: (selector) => fields[/"(.*)"/.exec(selector)[1]] || null }
globalThis.dispatchEvent = (event) => events.push(event.type)
console.error = console.warn = () => {}
eval(require("fs").readFileSync(0, "utf8"))
Promise.resolve(window["%(call)s"](%(argument)s)).then(() => {
  const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]))
  console.log(JSON.stringify({ values, asked, events, sent: !!form.sent }))
})
"""
REQUEST = {"publicKey": {"challenge": text(b"\xfb\xff"), "allowCredentials": [{"type": "public-key", "id": "AQI"}]}}
CREATION = {
    "publicKey": {
        "challenge": text(b"\xfb\xff"),
        "user": {"id": "AQID", "name": "Site", "displayName": "Site"},
        "excludeCredentials": [{"type": "public-key", "id": "AQI"}],
    }
}
SIGNED = {
    "id": "AQI",
    "rawId": "AQI",
    "type": "public-key",
    "response": {"clientDataJSON": "AQ", "authenticatorData": "Ag", "signature": "Aw", "userHandle": ""},
}
MADE = {
    "id": "AQI",
    "rawId": "AQI",
    "type": "public-key",
    "response": {"clientDataJSON": "AQ", "attestationObject": "-_8", "transports": ["usb"]},
}


def play(
    call: str, fields: dict[str, str], argument: Any = None, *, fails: bool = False, offers: bool = True
) -> dict[str, Any]:
    page = PAGE % {
        "fields": json.dumps(fields),
        "call": call,
        "argument": "" if argument is None else json.dumps(argument),
        "fails": json.dumps(fails),
        "offers": json.dumps(offers),
    }
    done = subprocess.run([str(NODE), "-e", page], input=script().source, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout))


needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")


def test_the_digest_is_of_the_very_bytes() -> None:
    source, integrity = script()
    assert integrity == "sha512-" + base64.b64encode(hashlib.sha512(source).digest()).decode()
    assert script() is script()


@pytest.mark.parametrize("name", get_args(Trigger))
def test_every_name_that_forms_call_is_there(name: str) -> None:
    assert f"const {name} = ".encode() in script().source


@needs_node
@pytest.mark.parametrize("prefix", ["", "__"])
def test_a_security_key_signs_in(prefix: str) -> None:
    played = play(f"{prefix}oryWebAuthnLogin", {"webauthn_login": ""}, REQUEST)
    assert json.loads(played["values"]["webauthn_login"]) == SIGNED
    public = played["asked"][0]["publicKey"]
    assert public["challenge"] == [251, 255]
    assert public["allowCredentials"] == [{"type": "public-key", "id": [1, 2]}]
    assert played["sent"]


@needs_node
def test_a_security_key_is_made() -> None:
    played = play("oryWebAuthnRegistration", {"webauthn_register": ""}, CREATION)
    assert json.loads(played["values"]["webauthn_register"]) == MADE
    public = played["asked"][0]["publicKey"]
    assert public["user"]["id"] == [1, 2, 3]
    assert public["excludeCredentials"] == [{"type": "public-key", "id": [1, 2]}]
    assert played["sent"]


@needs_node
def test_a_passkey_is_made_under_the_name_that_was_typed() -> None:
    data = json.dumps({"credentialOptions": CREATION, "displayNameFieldName": "traits.email"})
    fields = {"passkey_create_data": data, "passkey_register": "", "traits.email": "ada@example.com"}
    played = play("oryPasskeyRegistration", fields)
    assert json.loads(played["values"]["passkey_register"]) == MADE
    assert played["asked"][0]["publicKey"]["user"]["displayName"] == "ada@example.com"


@needs_node
def test_a_passkey_is_added_in_the_settings() -> None:
    fields = {"passkey_create_data": json.dumps(CREATION), "passkey_settings_register": ""}
    played = play("oryPasskeySettingsRegistration", fields)
    assert json.loads(played["values"]["passkey_settings_register"]) == MADE


@needs_node
def test_a_passkey_signs_in() -> None:
    played = play("oryPasskeyLogin", {"passkey_challenge": json.dumps(REQUEST), "passkey_login": ""})
    assert json.loads(played["values"]["passkey_login"]) == SIGNED
    assert "mediation" not in played["asked"][0]


@needs_node
def test_browsers_offer_passkeys_beside_the_field() -> None:
    fields = {"passkey_challenge": json.dumps(REQUEST), "passkey_login": ""}
    assert play("oryPasskeyLoginAutocompleteInit", fields)["asked"][0]["mediation"] == "conditional"
    assert play("oryPasskeyLoginAutocompleteInit", fields, offers=False)["asked"] == []


@needs_node
def test_a_failure_is_told_and_nothing_sent() -> None:
    played = play("oryWebAuthnLogin", {"webauthn_login": ""}, REQUEST, fails=True)
    assert (played["sent"], played["events"]) == (False, ["webauthn-error"])


@needs_node
@pytest.mark.parametrize("name", ["oryPasskeyLogin", "oryPasskeyRegistration", "oryPasskeySettingsRegistration"])
def test_a_page_without_the_fields_is_left_alone(name: str) -> None:
    assert play(name, {})["asked"] == []
