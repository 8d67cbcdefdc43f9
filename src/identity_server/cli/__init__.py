"""The ``kratos`` command.

Where to look:
    main            the tree of commands; a command's module is imported when it is called
    groups          flags anywhere, as Kratos takes them
    failures        what a command says when it cannot do its work
    output          table, JSON, YAML, and one value out of many
    admin_api       a running server, seen from afar

Every other module is one family of commands.
"""
