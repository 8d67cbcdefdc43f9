"""What the server tells people: numbered messages, so that a page can put them in its own language.

Where to look:
    ids          the numbers
    texts        the English text, type and context of each: the one table to translate
    message      the value, and how one is made from the table
    login, registration, settings, recovery, verification, labels, errors, validation    one function a message
"""
