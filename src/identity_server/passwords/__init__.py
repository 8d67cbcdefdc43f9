"""Passwords: hash texts of many systems, the configured hasher, its pool, and the policy for new passwords.

hashes     parse(text): any stored or imported hash text
formats    one module a family of hash texts
hashers    the configured way to hash new passwords
pool       hashing off the event loop: bounded, low priority
policy     what a new password must fulfil
breaches   passwords known from breaches, asked from a range service
common     passwords everybody tries first, offline
"""
