"""TAXII 2.1: the server that partners ask, and the client that asks theirs (docs/sharing-taxii.md).

Sections in this folder's docstrings are those of the OASIS Standard of 10 June 2021.
"""
