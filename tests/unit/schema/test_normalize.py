"""One name for all that look or type alike (T23)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.schema import normalize

LOOK_ALIKES = {
    "capitals": "FIONA@EXAMPLE.COM",
    "blanks around": "  fiona@example.com \t\n",
    "no-break space behind": "fiona@example.com\u00a0",
    "fullwidth letters": "ｆｉｏｎａ@example.com",
    "fullwidth at sign": "fiona＠example.com",
    "ligature": "ﬁona@example.com",
    "zero-width space": "fi\u200bona@example.com",
    "zero-width joiner": "fi\u200dona@example.com",
    "word joiner": "fi\u2060ona@example.com",
    "byte order mark": "\ufefffiona@example.com",
    "soft hyphen": "fio\u00adna@example.com",
    "right-to-left mark": "fiona\u200f@example.com",
    "right-to-left override": "\u202efiona@example.com",
    "variation selector": "fiona\ufe0f@example.com",
    "combining grapheme joiner": "fi\u034fona@example.com",
    "mathematical letters": "𝐟𝐢𝐨𝐧𝐚@example.com",
    "tag characters": "fiona\U000e0061@example.com",
    "hangul filler": "fi\u3164ona@example.com",
    "Braille blank": "fi\u2800ona@example.com",
    "circled letters": "ⓕiona@example.com",
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_t23_look_alikes_are_one_identifier(name) -> None:
    assert normalize.identifier(LOOK_ALIKES[name]) == "fiona@example.com"


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_t23_look_alikes_are_one_address(name) -> None:
    assert normalize.address("email", LOOK_ALIKES[name]) == "fiona@example.com"


def test_t23_composed_and_decomposed_letters_are_one() -> None:
    assert normalize.identifier("Mu\u0308ller") == normalize.identifier("müller") == "müller"


def test_t23_an_invisible_character_between_letter_and_accent_changes_nothing() -> None:
    assert normalize.identifier("u\u200b\u0308") == "ü"


def test_t23_all_blanks_are_one() -> None:
    blanks = [chr(point) for point in range(0x10000) if unicodedata.category(chr(point)) == "Zs"]
    assert {normalize.identifier(f"ada{blank}lovelace") for blank in blanks} == {"ada lovelace"}


def test_t23_kelvin_and_long_s_are_letters() -> None:
    assert normalize.identifier("\u212aiſſ") == "kiss"


def test_identifiers_are_case_folded_addresses_only_in_lower_case() -> None:
    assert normalize.identifier("Straße") == "strasse"
    assert normalize.address("email", "Straße@example.com") == "straße@example.com"


def test_blanks_inside_stay() -> None:
    assert normalize.identifier(" Ada  Lovelace ") == "ada  lovelace"


@pytest.mark.parametrize(
    "value", ["a\0b", "a\nb", "a\x7f", "a\x85b", "a\ud800", "a\u2028b", "a\u0378", "a\ue000", "x" * 1025]
)
def test_what_cannot_name_anybody_is_refused(value) -> None:
    with pytest.raises(normalize.NotCanonical):
        normalize.identifier(value)


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("+49 151 12345678", "+4915112345678"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("＋４９ 151 12345678", "+4915112345678"),
        ("+1234567890", "+1234567890"),
        ("015112345678", "015112345678"),
        ("+ada@example.com", "+ada@example.com"),
        ("+4915112345678;ext=5", "+4915112345678;ext=5"),
    ],
)
def test_international_numbers_become_e164(value, canonical) -> None:
    assert normalize.identifier(value) == canonical


def test_numbers_stay_as_typed_on_request() -> None:
    assert normalize.identifier("+49 151 12345678", phone=False) == "+49 151 12345678"


def test_numbers_are_addresses_of_the_sms_channel() -> None:
    assert normalize.address("sms", "+49 151 12345678") == "+4915112345678"
    assert normalize.address("sms", "call me") == "call me"


def canonical(value: str) -> str | None:
    try:
        return normalize.identifier(value)
    except normalize.NotCanonical:
        return None


@given(st.text(max_size=60))
def test_the_canonical_form_is_its_own(value) -> None:
    once = canonical(value)
    assert once is None or canonical(once) == once


@given(st.text(max_size=60))
def test_the_canonical_form_is_composed_visible_and_trimmed(value) -> None:
    name = canonical(value)
    if name is not None:
        assert unicodedata.is_normalized("NFKC", name)
        assert name == name.strip()
        assert not {unicodedata.category(each) for each in name} & {"Cf", "Cc", "Cs"}


@given(
    st.text(max_size=30),
    st.sampled_from(["\u200b", "\u00ad", "\ufeff", "\u2060", "\u200d", "\ufe0f"]),
    st.integers(0, 30),
)
def test_t23_invisible_characters_never_make_another_name(value, invisible, place) -> None:
    disguised = value[:place] + invisible + value[place:]
    assert canonical(disguised) == canonical(value)


@given(st.text(max_size=30))
def test_t23_case_never_makes_another_name(value) -> None:
    if canonical(value) is not None and canonical(value.upper()) is not None:
        assert canonical(canonical(value).upper()) == canonical(value.upper())


@given(st.text(max_size=60))
def test_an_address_is_its_own_canonical_form(value) -> None:
    try:
        once = normalize.address("email", value)
    except normalize.NotCanonical:
        return
    assert normalize.address("email", once) == once
