"""Clusters → campaigns: reasons for and against, four findings, one confidence, and where each account stands.

One file per kind of evidence (`coordination`, `harvest`, `owners`, `rates`, `synchrony`, `releases`); `judged.py` puts
them together.
"""
