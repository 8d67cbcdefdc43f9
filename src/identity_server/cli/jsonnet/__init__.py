"""Jsonnet as text: read, checked and laid out, but never evaluated.

tokens   characters to tokens, with the comments and line breaks before each
parser   tokens to a tree in which every token has its place
linter   names that are unknown, unused or there twice
layout   a tree back to text, in one style
"""
