"""The configuration: layers, our schema of every key, checks, reload.

Where to look:
    schema.json     every key with its type, default and meaning
    loading         defaults, files, environment and flags to one checked ``Configuration``
    values, lookup  what a ``Configuration`` answers
    embedded        what stands in for a configuration when there is none
    production      what a server for other people's accounts needs
    reload          keeps up with changed files
    uri_sources     documents that the configuration points to
    reference       the schema as a page for people
"""

from identity_server.configuration.loading import load, of, replaced
from identity_server.configuration.problems import ConfigurationError, Problem
from identity_server.configuration.values import Configuration

__all__ = ["Configuration", "ConfigurationError", "Problem", "load", "of", "replaced"]
