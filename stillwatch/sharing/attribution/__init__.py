"""Who may be behind a campaign: hypotheses, what speaks for each, how a name comes to be said (docs/sharing-attribution.md).

Apart from detection: nothing here is read by a scan, and no score, verdict or response follows from it.
"""
