"""Jsonnet that operators write (claims mappers, bodies of hooks and messages), run where it can do no harm.

Where to look:
    pool     evaluate a snippet in one of a few worker processes
    process  such a process, seen from the server
    worker   the program of such a process
    errors   why a snippet gave no value
"""
