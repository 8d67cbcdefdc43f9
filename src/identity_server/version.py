"""The version of the server, which is the version of the API that it speaks."""

VERSION = "v26.2.0"
