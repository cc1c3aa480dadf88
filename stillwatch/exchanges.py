"""Clean exchanges: texts taken from conversations, direct identifiers replaced, network and client told apart.

A map stage: one record batch in, one out, nothing remembered. Identifiers that a provider
handed in as pseudonyms of its own are hashed again like any other value: equal stays equal, and that is all we need.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa

from stillwatch.addresses import address_tokens
from stillwatch.conversations import resolved
from stillwatch.networks import Networks
from stillwatch.pseudonyms import API_KEY, END_USER, Pseudonyms
from stillwatch.tables import EXCHANGES, LOG_EXCHANGES

_CACHED_AGENTS = 1 << 14  # user agents remembered: a few hundred make up nearly all traffic

_PRODUCT = re.compile(r"([^\s/();,]+)(?:/([^\s();,]+))?")
# Every browser calls itself Mozilla and by the names of older ones too: the first of these that it gives is its own.
_BROWSERS = tuple(
    (name, re.compile(rf"\b{token}/([\w.]+)"))
    for name, token in (
        ("Edge", "(?:Edg|EdgA|EdgiOS)"),
        ("Opera", "OPR"),
        ("Vivaldi", "Vivaldi"),
        ("YaBrowser", "YaBrowser"),
        ("SamsungBrowser", "SamsungBrowser"),
        ("HeadlessChrome", "HeadlessChrome"),
        ("Firefox", "(?:Firefox|FxiOS)"),
        ("Chrome", "(?:Chrome|CriOS)"),
        ("Safari", "Version"),
    )
)


def clean(batch: pa.RecordBatch, keys: Pseudonyms, networks: Networks, file: int, chunk: int) -> pa.RecordBatch:
    """LOG_EXCHANGES as EXCHANGES. Rows are numbered by the column `row` where the batch has one, else from 0."""
    rows = batch.num_rows
    arrays, _ = resolved([batch.column(name) for name in LOG_EXCHANGES.names], LOG_EXCHANGES.names)
    given = dict(zip(LOG_EXCHANGES.names, arrays, strict=True))
    has_row = "row" in batch.schema.names
    addresses, prefixes = address_tokens(given["client_ip"], keys)
    clients, versions = _clients(given["user_agent"])
    made = {
        "end_user_id": keys.tokens(END_USER, given["end_user_id"]),
        "api_key_id": keys.tokens(API_KEY, given["api_key_id"]),
        "address": addresses,
        "prefix": prefixes,
        "network": networks.network(given["asn"]),
        "client": clients,
        "client_version": versions,
        "file": pa.array(np.full(rows, file, np.int32)),
        "chunk": pa.array(np.full(rows, chunk, np.int32)),
        "row": batch.column("row") if has_row else pa.array(np.arange(rows, dtype=np.int32)),
    }
    arrays = [made.get(name, given.get(name)) for name in EXCHANGES.names]
    return pa.RecordBatch.from_arrays(arrays, schema=EXCHANGES.held)


def _clients(agents: pa.Array) -> tuple[pa.Array, pa.Array]:
    coded = agents.dictionary_encode()
    pairs = [client(agent) for agent in coded.dictionary.to_pylist()]
    products = pa.array([one[0] for one in pairs], pa.string())
    versions = pa.array([one[1] for one in pairs], pa.string())
    return products.take(coded.indices), versions.take(coded.indices)


@lru_cache(maxsize=_CACHED_AGENTS)
def client(agent: str) -> tuple[str | None, str | None]:
    """Product and version that a user agent gives first; of a browser, its real name."""
    if agent.startswith("Mozilla/"):
        for name, pattern in _BROWSERS:
            if found := pattern.search(agent):
                return name, found[1]
    product = _PRODUCT.match(agent.strip())
    return (product[1], product[2]) if product else (None, None)
