"""A provider that every test may teach other manners."""

from collections.abc import Iterator

import pytest

from openid_provider import OpenIdProvider, running


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """A provider that answers."""
    with running() as found:
        yield found
