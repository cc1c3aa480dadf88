"""The other detectors of the benchmark: each written anew from its paper or its documents, and run as a program.

    python -m bench.peers NAME LOG OUT [--benign BENIGN_LOG] [--as-of TIME]

A peer reads a log folder and writes OUT/accounts.parquet: account_id, campaign_id, score, verdict. Nothing is copied; each
file names its source, and says what was left out or put in its place and what that costs the peer.
"""

from __future__ import annotations

# Name on the command line: module and function. Named as text, so that a rule in SQL does not wait for scikit-learn.
PEERS = {
    "crowded_address": "rules:crowded_address",
    "volume": "rules:volume",
    "components": "rules:components",
    "union": "rules:union",
    "prada": "prada:prada",
    "mmd": "mmd:mmd",
    "synchrotrap": "synchrotrap:synchrotrap",
    "fraudar": "fraudar:fraudar",
    "glasswally": "glasswally.fusion:glasswally",
}
