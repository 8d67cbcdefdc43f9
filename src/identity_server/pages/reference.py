"""The page ``docs/reference/page-texts.md``, made from the table: ``python -m identity_server.pages.reference``."""

import sys
from collections.abc import Iterator
from typing import Final

from identity_server.pages.texts import TABLE

_HEAD: Final = """\
# Texts of our own pages

Labels, hints and errors come from the table of [messages](messages.md); this one holds the words around them. To
translate the pages, or to say something in other words, give your texts by these keys and by the numbers of messages:

```yaml
pages:
  language: de
  texts:
    login.title: Anmelden
    "1070001": Kennwort
```

English stands for what is not there. Braces stand for values, under the names that the English text or a message's
context has. This page is made from `src/identity_server/pages/texts.py`.

| Key | Text |
|---|---|"""


def markdown() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    for key, text in TABLE.items():
        yield f"| `{key}` | {text} |"


if __name__ == "__main__":
    sys.stdout.write(markdown())
