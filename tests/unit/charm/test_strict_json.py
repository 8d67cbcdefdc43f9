import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_charm import rendering, strict_json


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "[Infinity]", "-Infinity", "1e999", '"\\ud800"', "[" * 100_000, "1" * 5000]
)
def test_what_cannot_be_written_again_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        strict_json.parse(text)


@given(st.text())
def test_what_is_read_can_be_rendered(text: str) -> None:
    try:
        value = strict_json.parse(text)
    except ValueError:
        return
    rendering.as_json(value)
