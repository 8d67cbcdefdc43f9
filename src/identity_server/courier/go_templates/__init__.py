"""The part of Go's template language that mail templates use, as a small closed engine.

A template is compiled once, refused with its position when it uses what is not here, and rendered against plain JSON
data under limits of time, size and depth. Nothing of Python, of the file system or of the network can be reached from
inside one.
"""
