"""HTTP/1.1 as uvicorn reads it, with one answer of our own."""

import sys
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_NOT_ALLOWED = (
    b"HTTP/1.1 405 Method Not Allowed\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: 19\r\n"
    b"connection: close\r\n\r\n"
    b"Method Not Allowed\n"
)


class Protocol(HttpToolsProtocol):
    """Answers 405 to a method that HTTP does not know; the parser stops at it and would call the request broken."""

    def send_400_response(self, msg: str) -> Any:
        """Refuses what the parser could not read."""
        if isinstance(sys.exception(), httptools.HttpParserInvalidMethodError):
            self.transport.write(_NOT_ALLOWED)
            self.transport.close()
            return
        super().send_400_response(msg)
