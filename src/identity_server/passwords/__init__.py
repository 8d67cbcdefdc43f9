"""Passwords: hash texts of many systems, the configured hasher, its pool, and the policy for new passwords.

Where to look:
    hashes      parse(text): any stored or imported hash text
    formats     one module a family of hash texts
    limits      the most that checking one password may cost
    hashers     the configured way to hash new passwords
    pool        hashing off the event loop
    workers     its threads: few, bounded, of low priority
    policy      what a new password must fulfil
    violations  what may be wrong with one
    similarity  too much like an identifier
    breaches    known from breaches, asked from a range service
    common      what everybody tries first, offline
"""
