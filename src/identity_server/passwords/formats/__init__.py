"""One module a family of hash texts.

Each offers ``parse(text, limits)``: the hash, or None when the text is of another family.
"""
