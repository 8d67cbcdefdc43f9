"""The texts of the pages, how a device is called, and the brand."""

import re
from pathlib import Path

import pytest

from identity_server.configuration.tree import document
from identity_server.messages import errors, ids, labels
from identity_server.messages.texts import TABLE as MESSAGES
from identity_server.pages import brand
from identity_server.pages.devices import described, host_of
from identity_server.pages.reference import markdown
from identity_server.pages.texts import TABLE, Words

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "page-texts.md"
TEMPLATES = Path(brand.__file__).with_name("templates")


def test_the_page_of_texts_is_fresh() -> None:
    stale = "make it anew: python -m identity_server.pages.reference > docs/reference/page-texts.md"
    assert PAGE.read_text(encoding="utf-8") == markdown(), stale


def test_the_configuration_takes_every_key() -> None:
    allowed = re.compile(document()["properties"]["pages"]["properties"]["texts"]["propertyNames"]["pattern"])
    assert [key for key in (*TABLE, *map(str, MESSAGES)) if not allowed.search(key)] == []


def test_templates_use_keys_of_the_table_and_no_words_of_their_own() -> None:
    for template in TEMPLATES.glob("*.jinja"):
        source = template.read_text(encoding="utf-8")
        assert set(re.findall(r'words\("([a-z_.]+)"\)', source)) <= set(TABLE)
        if template.name == "nodes.html.jinja":
            continue  # all macros; what they say, the browser's test of translations reads
        text = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", " ", source, flags=re.DOTALL)
        assert re.findall(r"[A-Za-z]{2,}", text) == [], template.name


def test_own_texts_go_over_english_ones_and_keep_their_values() -> None:
    words = Words("de", {"login.title": "Anmelden", str(ids.TRAIT): "Ihre {title}", "9999999": "nobody asks"})
    assert (words("login.title"), words("registration.title")) == ("Anmelden", "Create an account")
    assert words.say(labels.trait("traits.email", "E-Mail")) == "Ihre E-Mail"
    assert words.say(labels.password()) == "Password"


def test_a_text_that_names_what_the_message_lacks_is_left_in_english() -> None:
    assert Words("de", {str(ids.PASSWORD): "Kennwort {secret}"}).say(labels.password()) == "Password"


def test_a_missing_word_is_its_key_and_never_an_error() -> None:
    assert (Words()("never.heard"), Words().method("smoke_signals"), Words().group("new")) == (
        "never.heard",
        "smoke_signals",
        "new",
    )


def test_at_its_field_a_message_needs_no_name() -> None:
    assert Words().beside(errors.required("identifier")) == "Please fill this in."


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("he", "rtl"), ("ar-EG", "rtl"), ("pt-BR", "ltr")])
def test_the_direction_follows_from_the_language(language: str, direction: str) -> None:
    assert Words(language).direction == direction


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 500, "x" * 60),
        ("", ""),
    ],
)
def test_a_device_is_called_what_its_owner_calls_it(agent: str, shown: str) -> None:
    assert described(agent, "{browser} on {system}") == shown


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("127.0.0.1:50012", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]:4433", "::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_its_port(address: str, host: str) -> None:
    assert host_of(address) == host


def test_light_colours_stay_out_of_the_dark() -> None:
    style = brand.Brand("Site", "", {"accent_text": "#000000"}, {"accent": "#ffffff"}).style()
    assert style == (
        "@media (prefers-color-scheme:light){:root{--accent-text:#000000;}}"
        "@media (prefers-color-scheme:dark){:root{--accent:#ffffff;}}"
    )
    assert brand.Brand("Site").style() == ""
