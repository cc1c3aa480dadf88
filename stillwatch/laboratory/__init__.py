"""A laboratory on one machine: a small teacher, students that learn from what it serves, and what safeguards change of that.

Nothing here is reachable from the guard. Models are tiny and their language is made: what is measured says which way a
safeguard works and whether a test is honest about chance, not how large either is of a model that people use.
"""
