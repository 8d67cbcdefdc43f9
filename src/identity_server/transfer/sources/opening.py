"""Opens a file, or standard input, as rows: by what it is said to be, its name, or how it begins."""

import hashlib
import io
import os
import sys
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from identity_server.transfer.sources.csv_rows import CsvTable
from identity_server.transfer.sources.json_rows import JsonDocument, JsonLines
from identity_server.transfer.sources.keycloak import KeycloakRealm
from identity_server.transfer.sources.row import BadSource, Source

FORMS = ("jsonl", "json", "csv", "keycloak")
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
#: Bytes that tell what a text is.
_HEAD = 1024 * 1024
#: What some programs write in front of UTF-8.
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Reading:
    """How rows are read.

    Attributes:
        form: one of ``FORMS``; empty to find out.
        traits: names of the schema's traits, for Keycloak's users.
        renamed: columns or fields by the trait that they fill.
    """

    form: str = ""
    traits: Collection[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    drops_unsupported: bool = False


class Counted(io.RawIOBase):
    """A stream that counts what was read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)


@dataclass(frozen=True)
class Opened:
    """A file that is being read.

    Attributes:
        size: its bytes; 0 when nobody knows.
        fingerprint: the same for the same file; empty for standard input.
    """

    source: Source
    counted: Counted
    form: str
    size: int = 0
    fingerprint: str = ""


@contextmanager
def open_source(file: str, reading: Reading) -> Generator[Opened]:
    """Rows of a file, which is closed when the block ends; ``-`` is standard input.

    Raises:
        BadSource: when the file cannot be opened or its form cannot be told.
    """
    stream, size, fingerprint = _stream(file)
    counted = Counted(stream)
    buffered = io.BufferedReader(counted, _HEAD)
    if buffered.peek(len(_MARK)).startswith(_MARK):
        buffered.read(len(_MARK))
    form = reading.form or _SUFFIXES.get(Path(file).suffix.lower(), "") or _form(buffered.peek(_HEAD))
    try:
        yield Opened(_source(form, buffered, reading), counted, form, size, fingerprint)
    finally:
        if file != "-":
            stream.close()


def _stream(file: str) -> tuple[IO[bytes], int, str]:
    if file == "-":
        return sys.stdin.buffer, 0, ""
    try:
        stream = open(file, "rb", buffering=0)  # noqa: SIM115 - read until the process ends
        size = os.fstat(stream.fileno()).st_size
        return stream, size, _fingerprint(stream, size)  # type: ignore[return-value]
    except OSError as error:
        raise BadSource(f"It cannot be read: {error.strerror}") from None


def _fingerprint(stream: io.FileIO, size: int) -> str:
    """Of the size, the beginning and the end: files of gigabytes are not read twice for it."""
    digest = hashlib.sha256(str(size).encode())
    try:
        digest.update(stream.read(_HEAD) or b"")
        stream.seek(max(0, size - _HEAD))
        digest.update(stream.read(_HEAD) or b"")
        stream.seek(0)
    except OSError:
        return ""
    return digest.hexdigest()[:32]


def _form(head: bytes) -> str:
    text = head.lstrip()
    if not text.startswith((b"{", b"[")):
        return "csv"
    if text.startswith(b"["):
        return "json"
    first, _, rest = text.partition(b"\n")
    try:
        value = orjson.loads(first)
    except orjson.JSONDecodeError:
        return "keycloak" if b'"users"' in text and b'"realm"' in text else "json"
    if isinstance(value, dict) and "users" in value and "traits" not in value:
        return "keycloak"
    return "jsonl" if rest.strip() else "json"


def _source(form: str, stream: "io.BufferedReader[Any]", reading: Reading) -> Source:
    match form:
        case "jsonl":
            return JsonLines(stream)
        case "csv":
            return CsvTable(stream, reading.renamed)
        case "keycloak":
            return KeycloakRealm(stream, reading.traits, reading.renamed, drops_unsupported=reading.drops_unsupported)
        case _:
            is_list = stream.peek(_HEAD).lstrip().startswith(b"[")
            return JsonDocument(stream, "item" if is_list else "")
