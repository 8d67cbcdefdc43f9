"""Messages to people: their texts, the queue's contract, the ways out and the worker that drives them.

A flow calls the ``Outbox``, which renders a message and stores it; a ``Worker`` claims stored messages and hands them
to a channel. Neither SQL nor a web framework is known here.
"""
