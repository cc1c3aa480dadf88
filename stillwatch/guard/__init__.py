"""The online half: what is done to each request, by what was found and by rules that people answer for.

A decision is a pure function of facts (`decide.py`) and takes microseconds; files, clocks, networks and budgets stand around
it. Whatever fails on the way lets the request pass: the guard is never the reason that an honest customer is refused.
"""
