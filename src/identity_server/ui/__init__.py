"""Forms as data: what a page shows and what a native app asks for.

Where to look:
    nodes        one field, button, picture, link or script, and how each kind is made
    container    the form: where it is sent, its nodes and messages
    ordering     the order of the nodes, by kind of flow
    trait_nodes  the fields of an identity schema as nodes
"""
