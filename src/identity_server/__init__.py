"""An identity server that speaks the HTTP API, configuration and command line of Ory Kratos 26.2.

Where to look:
    contract        what the charm may know of the server: ports, paths, command lines
    configuration   layers, schema, checks, reload
    identity, session, schema, courier, passwords, ciphers, mappers    the domain: no HTTP, no SQL
    flows, methods, hooks    self-service: one engine, one room a sign-in method
    messages, ui    message ids and texts; form nodes and their order
    audit, access   who did what; who may use the admin API
    transfer        identities in bulk, in and out
    storage         tables, migrations, statements for SQLite and PostgreSQL
    web             the public and the admin application
    cli             the ``kratos`` command
    wiring          builds everything, once
"""
