"""The part of the lock that goes into the image: ``python packing/image_lock.py > requirements-image.lock``."""

import sys

from charm_lock import part

#: Of ``pyproject.toml``; traces are sent where the charm says.
EXTRAS = ("server", "otel")


def image_lock() -> str:
    """The pins and hashes of what the server needs."""
    return part(EXTRAS)


if __name__ == "__main__":
    sys.stdout.write(image_lock())
