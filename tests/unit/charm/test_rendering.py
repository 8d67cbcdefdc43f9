"""Settings to text: what goes in comes out, whatever it is."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_charm import rendering

TEXT = st.text() | st.sampled_from(
    [
        "abc #def",
        "0123",
        "a: b",
        "no",
        "~",
        "1e3",
        "line\nnext: 1",
        "\r",
        "\x85",
        "\u2028",
        "\ufeff",
        '"',
        "{{ x }}",
        "<&'>",
    ]
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=1000, deadline=None)
@given(DATA)
def test_json_is_yaml(value: Any) -> None:
    assert yaml.safe_load(rendering.as_json(value)) == value
    assert "\n" not in rendering.as_json(value)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True).filter(lambda key: yaml.safe_load(key) == key), DATA))
def test_the_configuration_file_holds_exactly_the_settings(value: dict[str, Any]) -> None:
    text = rendering.render("kratos.yaml.j2", settings=value)
    assert (yaml.safe_load(text) or {}) == value


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_what_json_has_no_word_for_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        rendering.as_json({"a": [number]})


def test_the_faster_reader_agrees() -> None:
    value = {"a": "\x7f\x85\u2028\ufeff\U0001f600", "b": 1e300, "c": -1e-7}
    assert yaml.load(rendering.as_json(value), Loader=yaml.CSafeLoader) == value
